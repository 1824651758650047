"""Who signs a film, and with what: certificates, and the manifest inside the file."""
