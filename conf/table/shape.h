/* shape.h - what a text in the configuration has to look like, whatever it stands for. */
#ifndef CONF_TABLE_SHAPE_H
#define CONF_TABLE_SHAPE_H

#include <stdbool.h>

enum shape {
	SHAPE_FREE,         /* any text */
	SHAPE_NAME,         /* of a room or an account */
	SHAPE_ADDRESS,      /* numeric IPv4 or IPv6 */
	SHAPE_PATH,         /* of a mount */
	SHAPE_ROOM_ID,      /* of a room in a dialect, or empty */
	SHAPE_UUID,         /* 8-4-4-4-12 hexadecimal digits, or empty */
	SHAPE_ORIGIN,       /* "https://name:port", "null", "file://" or "*" */
	SHAPE_HOST,         /* a host name without port, or "*" */
	SHAPE_SUBPROTOCOL,  /* a token of RFC 7230 */
	SHAPE_FILE,         /* the path of a file or folder */
	SHAPE_SOCKET,       /* the path of a Unix socket, "auto", or empty */
	SHAPE_NETWORK,      /* "192.0.2.0/24", or an address */
	SHAPE_BIND,         /* an endpoint to bind, see endpoint.h */
	SHAPE_CONNECT,      /* an endpoint to connect to */
	SHAPE_AUTHOR,       /* a name, or "#7" */
	SHAPE_AUTH,         /* "backend:NAME", or empty */
	SHAPE_HASH,         /* of a secret, see password_hash.h */
	SHAPE_UPSTREAM_URL, /* of a server that we are a client of, see upstream_url.h */
	SHAPE_PROXY,        /* "http://name:port", or empty */
	SHAPE_SOCKET_PATH,  /* of a WebSocket in a URL, maybe with a '/' at its end, or empty */
	/* One word of a list, checked where the list is known: */
	SHAPE_LEVEL, /* of the log */
	SHAPE_LOG_FORMAT,
	SHAPE_ENGINE,     /* of the storage */
	SHAPE_DURABILITY, /* of what it keeps */
	SHAPE_DIALECT,
	SHAPE_ROLE,
	SHAPE_KIND,   /* of an event */
	SHAPE_SOURCE, /* a dialect, "backend" or "upstream" */
	SHAPE_SHOWN,  /* how an event is shown */
	SHAPE_LISTENER_KIND,
	SHAPE_LOGIN,        /* a way to log in */
	SHAPE_ALGORITHM,    /* of a JWT, or empty */
	SHAPE_PROXY_HEADER, /* one that names a proxy's client */
	SHAPE_REWRITE,      /* what a step rewrites */
	SHAPE_ON_TIMEOUT,   /* what happens after a timeout */
	SHAPE_MODE,         /* of an upstream */
	SHAPE_DIRECTION,    /* of a relay */
	SHAPE_CREDENTIALS,  /* with which clients log in at an upstream */
	SHAPE_ROOM,         /* a room of this configuration */
	SHAPE_ROOM_PATTERN, /* the same, or what names of rooms begin with, and '*' */
	SHAPE_STEP_ROOM,    /* the same, or "{room}" */
	SHAPE_ACCOUNT,      /* an account of this configuration */
	SHAPE_BACKEND,      /* a backend of this configuration */
	SHAPE_TAP,          /* a tap or a backend of this configuration */
	SHAPE_UPSTREAM      /* an upstream of this configuration, or empty */
};

/* NULL when text has the shape, else what is wrong with it as constant text that follows the
 * value: "is not ...". The words of lists: free of control characters is all that is asked.
 * Called when a configuration is read, and for the command line. */
const char *shape_fault(enum shape shape, const char *text);

/* Well-formed UTF-8 without control characters: can be printed to a terminal as it is. */
bool shape_printable(const char *text);

/* The text, if it is so, else "?". */
const char *shape_shown(const char *text);

/* Makes it so: each byte that is no part of such a text becomes '?'. Called for messages, which
 * quote what stands in a file, and may cut it inside a character. */
void shape_make_printable(char *text);

#define SHAPE_CREDENTIAL_PREFIX "credential:" /* of a file: see conf_known.credentials */
#define SHAPE_AUTH_PREFIX       "backend:"

#endif
