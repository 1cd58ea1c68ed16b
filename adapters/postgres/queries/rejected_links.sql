-- What says that two people are not one, on streams that were not erased: rejected links, and links that were undone.
SELECT position FROM events AS event WHERE topic IN ('LinkRejected.v1', 'CustomersUnlinked.v1') AND {not_erased}
