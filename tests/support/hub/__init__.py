"""A Hub on loopback for the unmodified `huggingface_hub` and `datasets` clients.

`files` what a commit holds, `repository` commits and refs, `accounts` people and rights, `cards`
the check of front matter, `routes` the addresses and who answers, `faults` trouble on demand,
`server` HTTP, `hub` the whole, `client` processes whose endpoint it is, and the tests' fixture.
"""
