-- The name of the column of the file at fault, where a row failed for one.
ALTER TABLE ledger ADD COLUMN column_name TEXT;
