-- Decisions that two names are not one person's, on streams that were not erased.
SELECT position FROM events AS event WHERE topic = 'LinkRejected.v1' AND {not_erased}
