-- The column of the file at fault, from 1, where a row failed for one.
ALTER TABLE ledger ADD COLUMN file_column INTEGER;
