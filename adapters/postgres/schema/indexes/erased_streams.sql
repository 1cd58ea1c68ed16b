-- Few streams are erased, and every read model leaves them out.
CREATE INDEX erased_streams ON events (stream_id, position) WHERE topic = 'CustomerErased.v1';
