module keystile/clients

// Debian 12 has Go 1.19, and this is the last version of the library for it.
go 1.18

require golang.org/x/oauth2 v0.26.0
