"""The register of an account: its postings with a running balance."""
