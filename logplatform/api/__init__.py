"""The public REST API: doors only, each calls one function of the apps below."""
