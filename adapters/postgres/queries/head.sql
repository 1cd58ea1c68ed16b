SELECT size FROM head WHERE one
