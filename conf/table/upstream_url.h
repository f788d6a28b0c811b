/* upstream_url.h - where a server is that we are a client of, and a proxy on the way. */
#ifndef CONF_TABLE_UPSTREAM_URL_H
#define CONF_TABLE_UPSTREAM_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/table/web_origin.h"

/* Borrows from what was read. */
struct upstream_url {
	bool tls;
	struct authority at; /* at.port: as said, or the scheme's own */
	const char *path;    /* "" or "/api/v1"; may end with a '/', whose length is not in ... */
	size_t path_len;
};

/* Reads "http://HOST:PORT/PATH"; ws is http, https and wss are with TLS. False: it is no URL of an
 * upstream. Called for checks, and by who connects. */
bool upstream_url_read(const char *text, struct upstream_url *out)
    __attribute__((warn_unused_result));

/* What is wrong with it, constant, to follow the text; NULL: nothing. Called by shape.c, like the
 * next. */
const char *upstream_url_fault(const char *text);

/* The same of a proxy: "http://HOST:PORT" and no more. */
const char *upstream_proxy_fault(const char *text);

/* A well-formed one with http or https as its scheme and no '/' at its end. Returns new; free()
 * it. */
char *upstream_url_kept(const char *text);

#endif
