"""The log platform: a Django project over the engines. Engines never import it."""
