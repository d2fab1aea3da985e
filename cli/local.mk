# The command; it uses the public headers only.
if WITH_CLI
endif
