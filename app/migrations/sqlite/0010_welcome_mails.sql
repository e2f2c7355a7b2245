-- What became of the mails to users whom a job has created, as JSON; nothing where it sends none, or did not count.
ALTER TABLE jobs ADD COLUMN welcome_mails TEXT;
