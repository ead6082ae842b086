"""People, teams and tokens: who may do what. No log lines here."""
