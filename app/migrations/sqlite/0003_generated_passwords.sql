-- Whether the row's user was created with a password that the tool made up.
ALTER TABLE ledger ADD COLUMN generated INTEGER NOT NULL DEFAULT 0;

-- Of earlier jobs this is not known; rather one password too many than one too few.
UPDATE ledger SET generated = 1
 WHERE outcome = 0 AND job IN (SELECT number FROM jobs WHERE options ->> 'generate_passwords');
