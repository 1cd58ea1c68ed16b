-- Few events break a promise, and they are what people look for.
CREATE INDEX events_with_findings ON events (position) WHERE data ? 'findings';
