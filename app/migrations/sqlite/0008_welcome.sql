-- Users of rows up to this one were written to, or no longer will be: it is set before their mails are sent.
ALTER TABLE jobs ADD COLUMN welcomed_through INTEGER NOT NULL DEFAULT 0;
