/* web_origin.h - hosts and origins as browsers and people write them, compared by what they mean:
 * the case of letters, a dot at the end, a scheme's own port and the form of an IPv6 address make
 * no difference. Called where a configuration is checked, and where a request is judged. */
#ifndef CONF_TABLE_WEB_ORIGIN_H
#define CONF_TABLE_WEB_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

/* A host and where it is said a port. The texts borrow from what was read. */
struct authority {
	const char *host; /* without brackets and the dot at its end */
	size_t len;
	bool six; /* the host is an IPv6 address */
	int port; /* AUTHORITY_NO_PORT: none is said */
};

#define AUTHORITY_NO_PORT (-1)

struct web_origin {
	const char *scheme;
	size_t scheme_len;
	struct authority at; /* of "file://" the host is empty */
};

/* Reads "name", "name:80", "127.0.0.1", "[::1]:80"; a host is never empty here. Which characters a
 * name may have is not looked at. False: it is none of these. */
bool authority_read(const char *text, size_t len, struct authority *out)
    __attribute__((warn_unused_result));

/* Do both mean the same host? Ports are not looked at. */
bool authority_same_host(const struct authority *a, const struct authority *b);

/* Reads "https://name:443" and the like, and "file://"; no path may follow. */
bool web_origin_read(const char *text, size_t len, struct web_origin *out)
    __attribute__((warn_unused_result));

bool web_origin_same(const struct web_origin *a, const struct web_origin *b);

/* Is at the host and port that pages of the origin come from? A port that is not said is the one
 * of the origin's scheme. */
bool web_origin_is_at(const struct web_origin *origin, const struct authority *at);

#endif
