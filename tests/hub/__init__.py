"""A Hub on loopback for the unmodified `huggingface_hub` and `datasets` clients.

`files` what a commit holds, `repository` commits and refs, `accounts` people and rights, `cards`
the check of front matter, `routes` the addresses and who answers, `server` HTTP and the `Hub`
itself, `client` processes whose endpoint is this Hub, `fixtures` what tests ask for.
"""
