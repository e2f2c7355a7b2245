-- When a job first ran by PingOne's clock, which tells the users that it created from those that were there before.
ALTER TABLE jobs ADD COLUMN remote_started_at INTEGER;
