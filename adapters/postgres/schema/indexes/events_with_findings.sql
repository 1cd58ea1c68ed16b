-- Few events break a promise, and people look for them.
CREATE INDEX events_with_findings ON events (position) WHERE data ? 'findings';
