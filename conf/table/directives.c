#include "conf/table/directives.h"

#include <string.h>

#include "conf/conf.h"
#include "conf/table/directive_rows.h"

const char *const directives_proxy_headers[] = { CONF_X_FORWARDED_FOR, CONF_FORWARDED, NULL };
const char *const directives_listener_kinds[] = { CONF_CHAT, CONF_ADMIN, NULL };
const char *const directives_logins[] = { CONF_LOGIN_GUEST, CONF_LOGIN_ACCOUNT, CONF_LOGIN_TOKEN,
					  CONF_LOGIN_JWT,   CONF_LOGIN_BACKEND, NULL };
const char *const directives_algorithms[] = { CONF_HS256, CONF_RS256, CONF_ES256, NULL };
const char *const directives_levels[] = { "error", "warning", "info", "debug", "trace", NULL };
const char *const directives_formats[] = { "text", "json", NULL };
const char *const directives_engines[] = { CONF_SQLITE, CONF_MEMORY, NULL };
const char *const directives_durabilities[] = { CONF_COMMIT, CONF_SECOND, NULL };

static const struct directive limit_rows[] = {
	{ AT(conf_limits, message_bytes), NUMBER(256, 16777216, 65536),
	  .help = "Bytes of one message of a client." },
	{ AT(conf_limits, login_bytes), NUMBER(256, 16777216, 4096),
	  .help = "Bytes of one message before the client has logged in." },
	{ AT(conf_limits, json_depth), NUMBER(4, 128, 32),
	  .help = "How deep arrays and objects may be nested in a message." },
	{ AT(conf_limits, login_seconds), NUMBER(1, 3600, 10),
	  .help = "Login timeout: time that a client has to log in after it connected; a handshake "
		  "whose login a backend judges, or whose secret is compared with a hash, may take "
		  "as long, even if http_answer_seconds is less." },
	{ AT(conf_limits, guest_seconds), NUMBER(0, 86400, 600),
	  .help = "Time that the number of a guest who left stays reserved: a guest who comes back "
		  "with the same name and secret gets it again, and with it their messages and "
		  "reactions. 0: none." },
	{ AT(conf_limits, ping_seconds), NUMBER(1, 3600, 25),
	  .help = "Keepalive: a client that sent nothing for this long is sent a ping." },
	{ AT(conf_limits, idle_seconds), NUMBER(2, 86400, 35),
	  .help = "Idle timeout: a client that sent no byte at all for this long is disconnected. "
		  "More than ping_seconds." },
	{ AT(conf_limits, outbox_bytes), NUMBER(4096, 1073741824, 1048576),
	  .help = "Bytes in the send queue of one client; a client that reads too slowly to stay "
		  "below is disconnected. At least message_bytes." },
	{ AT(conf_limits, memory_bytes), LARGE(1048576, INT64_C(1) << 50), .number = 1073741824,
	  .help = "Bytes of memory that the send queues of all clients may take together, the same "
		  "message for many counted once; above it, the clients with the fullest queues "
		  "are disconnected. At least outbox_bytes." },
	{ AT(conf_limits, connections_per_address), NUMBER(0, 1000000, 20),
	  .help = "Connections from one address, loopback excepted. 0: no limit." },
	{ AT(conf_limits, connections), NUMBER(1, 1000000, 16000), .help = "Connections in all." },
	{ AT(conf_limits, messages_per_second), NUMBER(0, 1000000, 10),
	  .help = "Rate limit: messages a second from one connection. 0: no limit." },
	{ AT(conf_limits, burst), NUMBER(1, 1000000, 30),
	  .help = "Messages that one connection may send at once, above that rate." },
	{ AT(conf_limits, signals_per_second), NUMBER(0, 1000000, 20),
	  .help = "Rate limit for everything else, a second: typing, read receipts, pings, logins, "
		  "and invalid frames. None of it is refused: what comes faster is read later. 0: "
		  "no limit." },
	{ AT(conf_limits, signals_burst), NUMBER(1, 1000000, 120),
	  .help = "How many of these one connection may send at once, above that rate." },
	{ AT(conf_limits, requests_under_way), NUMBER(1, 64, 32),
	  .help = "Requests of one connection that may be in progress; until one is answered, no "
		  "more are read." },
	{ AT(conf_limits, rooms_per_connection), NUMBER(1, 65536, 128),
	  .help = "Rooms that one connection may enter. Does not apply to dialects whose clients "
		  "hear every room." },
	{ AT(conf_limits, failed_logins), NUMBER(0, 1000000, 10),
	  .help = "Failed logins from one address (loopback excepted) or under one name, after "
		  "which further ones are rejected unchecked: for 1 second at first, twice as long "
		  "after each further failure. Valid bearer tokens and JWTs are exempt, and, of a "
		  "name, addresses from which it has logged in. 0: no limit." },
	{ AT(conf_limits, failed_login_seconds), NUMBER(1, 86400, 60),
	  .help = "The longest lockout of an address; of a name it is at most 10 seconds. "
		  "Failures are forgotten ten times as long after the last one." },
	{ AT(conf_limits, compress_above), NUMBER(0, 16777216, 256),
	  .help = "What is said in a room is compressed from this many bytes of a message on, for "
		  "clients that agreed on it: see compression of a listener." },
	{ AT(conf_limits, http_header_bytes), NUMBER(1024, 65536, 8192),
	  .help = "Bytes of the request line and headers of an HTTP request, a WebSocket's "
		  "handshake among them; beyond, the answer is 431, or 414 within the request "
		  "line. While it comes, each connection may take as much memory, which is not "
		  "part of memory_bytes." },
	{ AT(conf_limits, http_headers), NUMBER(8, CONF_HTTP_HEADERS_MAX, 64),
	  .help = "Headers of an HTTP request; beyond, the answer is 431." },
	{ AT(conf_limits, http_body_bytes), NUMBER(1024, 1048576, 65536),
	  .help =
	      "Bytes of the body of an HTTP request; beyond, the answer is 413. No request here "
	      "needs a body: it is read and not kept in memory." },
	{ AT(conf_limits, http_request_seconds), NUMBER(1, 3600, 30),
	  .help = "Time that a client has to send a whole HTTP request, headers and body, from its "
		  "first byte; later, the answer is 408. A connection whose first byte does not "
		  "come within 10 seconds is closed." },
	{ AT(conf_limits, http_answer_seconds), NUMBER(1, 3600, 30),
	  .help = "Time that the answer to an HTTP request may take; later, it is 504. For a "
		  "handshake that waits for its login it is login_seconds, if that is longer." },
	{ AT(conf_limits, http_idle_seconds), NUMBER(1, 3600, 75),
	  .help = "Keep-alive timeout: an HTTP connection without a request for this long is "
		  "closed." },
	{ AT(conf_limits, http_requests_per_second), NUMBER(0, 1000000, 50),
	  .help = "HTTP requests to the paths of dialects (directive http of a mount) from one "
		  "address other than loopback, over time; more are answered with 429. 0: no "
		  "limit." },
	{ AT(conf_limits, http_burst), NUMBER(1, 1000000, 200),
	  .help = "How many of them may come at once." },
	{ AT(conf_limits, made_rooms), NUMBER(0, 100000, 1000),
	  .help = "Rooms made at run time: when there are so many, no more are made by HTTP "
		  "requests." },
	{ AT(conf_limits, made_rooms_each), NUMBER(0, 100000, 20),
	  .help = "How many of these one person may have made that are still there." },
	{ AT(conf_limits, made_accounts), NUMBER(0, 1000000, 10000),
	  .help = "Accounts made at run time: when there are so many, no more are made by HTTP "
		  "requests." },
};

static const struct directive storage_rows[] = {
	{ AT(conf_storage, engine), TEXT(SHAPE_ENGINE, 1, 16), .text = CONF_SQLITE,
	  .help = "sqlite: a database in the state folder. memory: a restart forgets rooms and "
		  "people; only ids stay unique." },
	{ AT(conf_storage, durability), TEXT(SHAPE_DURABILITY, 1, 16), .text = CONF_COMMIT,
	  .help =
	      "commit: nothing is acknowledged, or sent to anybody, before it is on the disk; a "
	      "power failure loses nothing that was. second: on the disk within a second; a power "
	      "failure can lose that second. A crash of the server alone loses nothing in "
	      "either." },
	{ AT(conf_storage, messages), NUMBER(0, 1000000000, 100000),
	  .help = "Messages kept of each room; the oldest are removed. 0: no limit." },
	{ AT(conf_storage, days), NUMBER(0, 36500, 0),
	  .help = "Days that a message is kept. 0: no limit." },
	{ AT(conf_storage, bytes), LARGE(0, INT64_C(1) << 50),
	  .help = "Bytes of messages kept of each room. 0: no limit." },
	{ AT(conf_storage, erase_seconds), NUMBER(1, 3600, 60),
	  .help =
	      "Time until the words of a deleted message are in no file of the state folder any "
	      "more." },
};

static const struct directive explain_rows[] = {
	{ AT(conf_explain, messages), NUMBER(0, 1000000, 1000),
	  .help =
	      "Messages kept, the newest, by each thread that serves clients: who wrote, what "
	      "each rule did, and who was sent it or not. It takes 1.4 KB of memory for each, and "
	      "with bodies at most 14 KB. 0: none." },
	{ AT(conf_explain, bodies), YES_NO(false),
	  .help =
	      "With what people wrote: their frames, and those that were sent; deleted messages "
	      "among them, as long as they are not overwritten by newer ones. Not of dialects "
	      "that forbid to keep it." },
};

static const struct section explain = { SECTION("explain", explain_rows, conf_explain) };

static const struct section storage = { SECTION("storage", storage_rows, conf_storage) };

static const struct directive token_rows[] = {
	{ AT(conf_tokens, days), NUMBER(0, 36500, 30),
	  .help = "Lifetime of a token, in days; those of a dialect without expiry last until "
		  "they are revoked. 0: all do." },
	{ AT(conf_tokens, count), NUMBER(1, 10000000, 100000),
	  .help = "Valid bearer tokens, half of them guests' at most; each takes 300 bytes." },
	{ AT(conf_tokens, per_person), NUMBER(1, 10000, 32),
	  .help = "The same, of one person; a further one revokes the oldest." },
};

static const struct section tokens = { SECTION("tokens", token_rows, conf_tokens) };

static const struct section limits = { SECTION("limits", limit_rows, conf_limits) };

/* Stands where directives_make() puts another. */
static const struct section none = { .title = NULL };

static const struct directive mount_rows[] = {
	{ AT(conf_mount, path), TEXT(SHAPE_PATH, 1, 256), .required = true,
	  .help = "Path of the URL, without a query; ends with a '/' only when it is \"/\"." },
	{ AT(conf_mount, dialect), TEXT(SHAPE_DIALECT, 1, 64), .required = true,
	  .help = "The dialect of its clients: " },
	{ AT(conf_mount, room), TEXT(SHAPE_ROOM, 1, 64),
	  .otherwise = "the only room; required when there are several", .example = "\"lobby\"",
	  .help = "The room its clients are in unless they ask for another." },
	{ AT(conf_mount, strict), YES_NO(false),
	  .help = "Send only what the dialect's documents describe; error frames, for example, are "
		  "not sent." },
	{ AT(conf_mount, guests), YES_NO(true), .otherwise = "as guests at the top",
	  .example = "true", .help = "People without an account may log in, as guests." },
	{ AT(conf_mount, http), YES_NO(true),
	  .help =
	      "At the root of the listener, the HTTP requests of the dialect's clients are "
	      "answered, such as GET /api/v1/users/current of mixer: their guests, room and auth "
	      "are this mount's. Of several mounts of a dialect, the first that says so." },
	{ AT(conf_mount, registers), YES_NO(false),
	  .help = "By HTTP requests, people may make themselves accounts, which are kept in the "
		  "storage, if there is one: POST /api/users/register of concord, POST /user of "
		  "rooms." },
	{ AT(conf_mount, makes_rooms), YES_NO(false),
	  .help =
	      "By HTTP requests, whoever has an account may make rooms, and remove those they "
	      "made: "
	      "POST /api/channels of concord, POST /room of rooms. false: only accounts with the "
	      "role owner, founder or staff, who may remove any that was made at run time." },
	{ AT(conf_mount, deletes_any), YES_NO(false),
	  .help = "By HTTP requests, whoever may speak in a room may delete what others wrote "
		  "there, as on the real server of concord. false: only moderators may." },
	{ AT(conf_mount, edits_any), YES_NO(false),
	  .help = "By HTTP requests, moderators may edit what others wrote. false: only its author "
		  "may, as on the real server of concord." },
	{ AT(conf_mount, tree_delay_ms), NUMBER(0, 5000, 0),
	  .help =
	      "Milliseconds until GET /api/channels of concord is answered: its desktop program "
	      "may show no channels if the answer is there at once; 500 helps." },
	{ AT(conf_mount, replay), NUMBER(0, 1000, 0),
	  .help =
	      "An account that comes back into a room is sent the messages it missed, at most so "
	      "many of the newest, as if they were said then: of those that the room keeps, see "
	      "history. 0: none." },
	{ AT(conf_mount, auth), TEXT(SHAPE_AUTH, 0, 72), .text = "",
	  .help = "Who authenticates logins. \"\": the accounts and guests of this file. "
		  "\"backend:NAME\": that backend; guests is ignored then." },
	{ AT(conf_mount, logins), TEXTS(SHAPE_LOGIN, 0, 5, 16),
	  .otherwise = "[ \"token\", \"account\", \"guest\" ]; with auth [ \"token\", "
		       "\"backend\" ]",
	  .example = "[ \"token\", \"account\", \"guest\" ]",
	  .help =
	      "Login methods of this mount, in the order in which they are matched; the first that "
	      "a login is of decides. token: a bearer token that this server issued. jwt: "
	      "one that somebody else signed, see jwt_algorithm. account: the name or number of "
	      "an account, and its secret. guest: any other name; if backend follows, only "
	      "without a secret; the default has it where guests is true. backend: all that is "
	      "left, which the backend of auth judges." },
	{ AT(conf_mount, jwt_algorithm), TEXT(SHAPE_ALGORITHM, 0, 8), .text = "",
	  .help = "The one algorithm by which JWTs (RFC 7519) are signed that log in here: HS256, "
		  "RS256 or ES256. Any other in a token is refused. \"\": logins has no jwt." },
	{ AT(conf_mount, jwt_key_file), TEXT(SHAPE_FILE, 0, 4096), .text = "",
	  .help = "Of HS256: file whose first line is the secret, of 32 bytes at least; only its "
		  "owner may have access (chmod 600). Of RS256 and ES256: PEM file of the public "
		  "key (RSA of 2048 bits at least; P-256). Relative to this file's folder; HUP and "
		  "'dragoman reload' make the server read it again." },
	{ AT(conf_mount, jwt_issuer), TEXT(SHAPE_FREE, 0, 256), .text = "",
	  .help = "What iss has to be in a JWT. exp is required, too, and nbf heeded, with 30 "
		  "seconds of leeway." },
	{ AT(conf_mount, jwt_audience), TEXT(SHAPE_FREE, 0, 256), .text = "",
	  .help = "What aud has to be, or to have among others." },
	{ AT(conf_mount, jwt_name), TEXT(SHAPE_FREE, 1, 64), .text = "sub",
	  .help = "The claim that has the person's name." },
	{ AT(conf_mount, jwt_roles), TEXT(SHAPE_FREE, 0, 64), .text = "",
	  .help = "The claim that has the person's roles, a list of words as roles of an account; "
		  "other words in it are ignored. \"\": none, everybody is a user." },
	{ AT(conf_mount, jwt_accounts), YES_NO(false),
	  .help = "A name that is an account's logs in as that account, with its roles: only where "
		  "who signs gives nobody else that name. false: it is refused, as a guest's "
		  "would be." },
	{ AT(conf_mount, upstream), TEXT(SHAPE_UPSTREAM, 0, 64), .text = "",
	  .help = "Name of an upstream of mode session: each client of this mount has a "
		  "connection of its own to that server. The mount's room is the upstream's. "
		  "\"\": none." },
};

static const struct directive listener_rows[] = {
	{ AT(conf_listener, kind), TEXT(SHAPE_LISTENER_KIND, 1, 16), .text = CONF_CHAT,
	  .help = "chat: clients connect here. admin: the server is watched here, by GET /metrics "
		  "(for Prometheus), /health and /ready, and in a browser at /; such a listener "
		  "has port or path, maybe address, tls_certificate, tls_key and token_file, and "
		  "nothing else: "
		  "{ kind = \"admin\"; port = 9464; }." },
	{ AT(conf_listener, socket), TEXT(SHAPE_FREE, 0, 255), .text = "",
	  .help = "Of kind chat only: name of a listening socket that the service manager passes "
		  "(FileDescriptorName= of a systemd .socket unit); address and port are not used "
		  "then. \"\": one that is bound to address and port, if such a socket is passed; "
		  "else the server opens its own." },
	{ AT(conf_listener, address), TEXT(SHAPE_ADDRESS, 1, 64), .text = "127.0.0.1",
	  .help = "Numeric IPv4 or IPv6 address to listen on; 0.0.0.0 or :: for all." },
	{ AT(conf_listener, port), NUMBER(0, 65535, 7000),
	  .help = "TCP port. 0: any free one. Of kind admin, the default is 9464." },
	{ AT(conf_listener, path), TEXT(SHAPE_FILE, 0, 4096), .text = "",
	  .help = "Of kind admin only: the Unix socket to listen on, in place of address and port; "
		  "relative to this file's folder. Only its owner may connect. \"\": none." },
	{ AT(conf_listener, token_file), TEXT(SHAPE_FILE, 0, 4096), .text = "",
	  .help = "Of kind admin only, and required unless address is loopback: file whose first "
		  "line is a token, relative to this file's folder; only its owner may have access "
		  "(chmod 600). /metrics and what the page at / shows then need the header "
		  "Authorization: Bearer TOKEN; without it, /health and /ready say yes or no, and "
		  "no more. Read when the server "
		  "starts. \"\": none." },
	{ AT(conf_listener, tls_certificate), TEXT(SHAPE_FILE, 0, 4096), .text = "",
	  .help = "PEM file of this server's certificate, followed by its chain; relative to this "
		  "file's folder. With it the listener speaks TLS (wss://), and tls_key is "
		  "required. HUP makes the server read both files again. \"\": no TLS." },
	{ AT(conf_listener, tls_key), TEXT(SHAPE_FILE, 0, 4096), .text = "",
	  .help = "PEM file of the certificate's private key, without a passphrase; relative to "
		  "this file's folder. Only its owner may have access (chmod 600)." },
	{ AT(conf_listener, origins), TEXTS(SHAPE_ORIGIN, 0, 10000, 256),
	  .help = "Origins of browser pages that may connect, such as \"https://chat.example\", "
		  "besides pages of this same host and port. A page that is opened from a file, as "
		  "the browser source of a streaming program often is, has the origin \"null\" or, "
		  "in some browsers, \"file://\": with these, any file may connect. \"*\": all." },
	{ AT(conf_listener, hosts), TEXTS(SHAPE_HOST, 0, 10000, 256),
	  .help = "Host names that clients may use for this server, besides numeric addresses and "
		  "localhost. \"*\": all." },
	{ AT(conf_listener, subprotocols), TEXTS(SHAPE_SUBPROTOCOL, 0, 10000, 256),
	  .help = "WebSocket subprotocols to prefer when a client offers several, besides chat, "
		  "http-only, ws, wss and rust-websocket. Of others, the first is echoed." },
	{ AT(conf_listener, compression), YES_NO(false),
	  .help =
	      "Agree on permessage-deflate (RFC 7692) with clients that offer it, each message "
	      "compressed on its own. It saves bytes and costs CPU time: a message is compressed "
	      "once for all members of a room, see compress_above. Answers to one client alone "
	      "are not compressed." },
	{ AT(conf_listener, page), YES_NO(false),
	  .help =
	      "At / a browser gets a page with a simple client for mounts of rooms, mixer or "
	      "concord. Pages from files (origin \"null\") and from any port of this machine may "
	      "connect, too. No page can send the header that simple's login takes: there the "
	      "query ?login=NAME:SECRET does as well, unless the mount is strict." },
	{ AT(conf_listener, trusted_proxies), TEXTS(SHAPE_NETWORK, 0, 10000, 64),
	  .help =
	      "Addresses and networks of proxies that are believed in whom they speak for, such "
	      "as \"127.0.0.1\" or \"10.0.0.0/8\": limits and the log then see the client's "
	      "address, not the proxy's. Whoever connects from elsewhere is not believed." },
	{ AT(conf_listener, proxy_header), TEXT(SHAPE_PROXY_HEADER, 1, 16),
	  .text = CONF_X_FORWARDED_FOR,
	  .help = "The header in which they name the client: X-Forwarded-For, or Forwarded (RFC "
		  "7239). They have to write or extend it in every request; the other one is "
		  "ignored, because it may be the client's own." },
	{ AT(conf_listener, proxy_protocol), YES_NO(false),
	  .help = "Every connection begins with a header of HAProxy's PROXY protocol, version 1 or "
		  "2, before TLS; only those of trusted_proxies, which is required, are served." },
	{ AT(conf_listener, mounts), GROUPS(conf_listener, mount_count, none, 1, 64),
	  .help = "Which dialect is spoken at which path." },
};

static const struct preset local[] = { { "address", "\"127.0.0.1\"" },
				       { "port", "7000" },
				       { NULL, NULL } };
static const struct preset *const all_listeners[] = { local, NULL };

static const struct directive room_rows[] = {
	{ AT(conf_room, name), TEXT(SHAPE_NAME, 1, 64), .required = true, .reloadable = true,
	  .help = "Its unique name, by which mounts and routes refer to it." },
	{ AT(conf_room, open), YES_NO(true), .reloadable = true,
	  .help = "Anyone may enter. false: only its members and admins, and people they invite." },
	{ AT(conf_room, admins), TEXTS(SHAPE_ACCOUNT, 0, 10000, 256), .reloadable = true,
	  .help = "Accounts that may moderate here." },
	{ AT(conf_room, members), TEXTS(SHAPE_ACCOUNT, 0, 10000, 256), .reloadable = true,
	  .help = "Accounts that may enter when it is not open." },
	{ AT(conf_room, banned), TEXTS(SHAPE_NAME, 0, 10000, 256), .reloadable = true,
	  .help = "Names that may not enter, of accounts or guests." },
	{ AT(conf_room, history), NUMBER(0, 1000000, 0), .reloadable = true,
	  .help =
	      "Messages kept in memory with their content, for clients that ask for history; "
	      "older ones are read from the storage, if there is one. Those of rooms clients are "
	      "in neither. 0: clients are shown none. At most remembered." },
	{ AT(conf_room, remembered), NUMBER(1, 1000000, 4096), .reloadable = true,
	  .help = "Messages whose author and reactions are remembered, without content; older "
		  "ones cannot be deleted or reacted to." },
	{ AT(conf_room, stored_messages), NUMBER(0, 1000000000, 0), .reloadable = true,
	  .help = "Messages of this room that the storage keeps. 0: as messages of storage says." },
	{ AT(conf_room, stored_days), NUMBER(0, 36500, 0), .reloadable = true,
	  .help = "Days that it keeps them. 0: as days of storage says." },
	{ AT(conf_room, shows), GROUPS(conf_room, show_count, directives_show, 0, 256),
	  .rows = directives_shows, .rows_are_examples = true, .reloadable = true,
	  .help = "How kinds of events are shown here to clients of a dialect, where that is to be "
		  "otherwise than 'dragoman matrix' has it; 'dragoman matrix -c FILE --room ROOM' "
		  "shows the result. Whom an event concerns, as a kick, is told it in any case." },
	{ AT(conf_room, threads), YES_NO(false), .reloadable = true,
	  .help = "Messages keep the thread (threadId) they were written in, which only concord "
		  "clients see; the real server forgets it." },
	{ AT(conf_room, mass_mentions), YES_NO(false), .reloadable = true,
	  .help =
	      "What calls everybody (@everyone, @here, @channel, @all, @room, <!everyone>) goes "
	      "to clients of other dialects as typed. false: broken, so that nobody is alerted." },
	{ AT(conf_room, metrics), YES_NO(false), .reloadable = true,
	  .help = "Count its deliveries by themselves in /metrics, under its name; for at most 100 "
		  "rooms. All others are in the sums only." },
};

static const struct directive account_rows[] = {
	{ AT(conf_account, name), TEXT(SHAPE_NAME, 1, 64), .required = true, .reloadable = true,
	  .help = "The name this person logs in with." },
	{ AT(conf_account, number), LARGE(1, 1073741823), .required = true, .reloadable = true,
	  .help = "The person's unique number for mixer and concord clients; never give it to "
		  "another. A mixer client sends a number and no name: it logs in with this number "
		  "and the secret." },
	{ AT(conf_account, secret_file), TEXT(SHAPE_FILE, 1, 4096), .reloadable = true,
	  .otherwise = "none; it or secret_hash is required", .example = "\"ann.secret\"",
	  .help = "File whose first line is the person's secret, or its hash by 'dragoman passwd'; "
		  "relative to this file's folder. Only its owner may have access (chmod 600)." },
	{ AT(conf_account, secret_hash), TEXT(SHAPE_HASH, 1, 127), .reloadable = true,
	  .otherwise = "none", .example = "\"$argon2id$v=19$m=19456,t=2,p=1$...\"",
	  .help = "The hash itself, as 'dragoman passwd' prints it, in place of secret_file." },
	{ AT(conf_account, roles), TEXTS(SHAPE_ROLE, 0, 10000, 256), .reloadable = true,
	  .help = "Roles in every room: user, pro, subscriber, editor, mod, staff, founder, owner. "
		  "Those from editor to owner may moderate." },
};

static const struct section account = { SECTION("an account", account_rows, conf_account),
					PLACED(conf_account) };

static const struct preset ann[] = { { "name", "\"ann\"" },
				     { "number", "7" },
				     { "secret_file", "\"ann.secret\"" },
				     { "roles", "[ \"mod\" ]" },
				     { NULL, NULL } };
static const struct preset *const example_accounts[] = { ann, NULL };

static const struct directive top_rows[] = {
	{ AT(conf, workers), NUMBER(0, 16, 0),
	  .help = "Threads that serve clients. 0: one for each core." },
	{ AT(conf, guests), YES_NO(true),
	  .help = "People without an account may log in, as guests. A mount can override it." },
	{ AT(conf, state), TEXT(SHAPE_FILE, 0, 4096), .text = "",
	  .help =
	      "Folder of what lasts over restarts, see storage, for one server at a time; "
	      "relative to this file's folder. \"\": nothing lasts, and message ids rely on the "
	      "clock." },
	{ AT(conf, storage), .type = DIRECTIVE_GROUP, .inner = &storage,
	  .help = "What is kept in the state folder, and for how long; without one, nothing is." },
	{ AT(conf, log_level), TEXT(SHAPE_LEVEL, 1, 16), .text = "info", .reloadable = true,
	  .help = "What is logged: error, warning, info, debug or trace, which is debug without a "
		  "rate limit on lines. What people write is never logged." },
	{ AT(conf, log_format), TEXT(SHAPE_LOG_FORMAT, 1, 8), .text = "text", .reloadable = true,
	  .help = "text: a line for people. json: an object in each line, for programs. In "
		  "systemd's journal, each line has its priority, and as text no time." },
	{ AT(conf, pid_file), TEXT(SHAPE_FILE, 0, 4096), .text = "",
	  .help =
	      "File that holds the process id while the server runs, for other programs, and "
	      "for 'dragoman reload' where there is no control socket; a second server with the "
	      "same one does not start. Relative to this file's folder. \"\": none." },
	{ AT(conf, control), TEXT(SHAPE_SOCKET, 0, 4096), .text = CONF_CONTROL_AUTO,
	  .help =
	      "Unix socket by which 'dragoman status', 'who', 'kick' and the like reach the "
	      "running "
	      "server, for its own user and root only; relative to this file's folder. \"auto\": "
	      "control in the folder that systemd makes for the service, else "
	      "/run/dragoman/control "
	      "as root, else dragoman/control in $XDG_RUNTIME_DIR; where that cannot be made, "
	      "none. "
	      "\"\": none." },
	{ AT(conf, tokens), .type = DIRECTIVE_GROUP, .inner = &tokens,
	  .help = "Bearer tokens that the server issues, to who logs in by HTTP and by 'dragoman "
		  "tokens', which lists and revokes them; they last if the storage does." },
	{ AT(conf, explain), .type = DIRECTIVE_GROUP, .inner = &explain,
	  .help = "What is kept in memory of the newest messages, for 'dragoman explain'." },
	{ AT(conf, limits), .type = DIRECTIVE_GROUP, .inner = &limits,
	  .help = "Limits for one client, and for all together." },
	{ AT(conf, listeners), GROUPS(conf, listener_count, none, 1, 64), .rows = all_listeners,
	  .help = "Where clients connect." },
	{ AT(conf, rooms), GROUPS(conf, room_count, none, 1, 10000), .reloadable = true,
	  .help = "Where people meet. Each dialect has its own form of id for a room." },
	{ AT(conf, accounts), GROUPS(conf, account_count, account, 0, 10000),
	  .rows = example_accounts, .rows_are_examples = true, .reloadable = true,
	  .help = "People with a secret and rights. Nobody gets a role by arriving first." },
	{ AT(conf, routes), GROUPS(conf, route_count, directives_route, 0, 1000),
	  .rows = directives_routes, .rows_are_examples = true, .rows_are_lines = true,
	  .reloadable = true,
	  .help = "Rules for events, in order: the first that matches decides, as in a firewall. "
		  "An event that none matches goes to its own room. A rule matches when all of its "
		  "conditions hold." },
	{ AT(conf, backends), GROUPS(conf, backend_count, directives_backend, 0, 64),
	  .rows = directives_backends, .rows_are_examples = true, .rows_are_lines = true,
	  .help = "Your own programs that take part over ZeroMQ." },
	{ AT(conf, taps), GROUPS(conf, tap_count, directives_tap, 0, 64), .rows = directives_taps,
	  .rows_are_examples = true, .rows_are_lines = true,
	  .help =
	      "Feeds over ZeroMQ: events that routes copy there, for programs that only listen." },
	{ AT(conf, upstreams),
	  GROUPS(conf, upstream_count, directives_upstream, 0, CONF_UPSTREAMS_MAX),
	  .rows = directives_upstreams, .rows_are_examples = true, .rows_are_lines = true,
	  .help = "Existing chat servers that this server is a client of: to join their rooms to "
		  "rooms here, or to serve their people in other dialects." },
};

const struct preset directives_sample[] = { { "pid_file", "\"dragoman.pid\"" }, { NULL, NULL } };

_Static_assert(sizeof(top_rows) <= sizeof(((struct directives *)NULL)->top_rows) &&
		   sizeof(listener_rows) <= sizeof(((struct directives *)NULL)->listener_rows) &&
		   sizeof(mount_rows) <= sizeof(((struct directives *)NULL)->mount_rows) &&
		   sizeof(room_rows) + CONF_DIALECTS_MAX * sizeof(room_rows[0]) <=
		       sizeof(((struct directives *)NULL)->room_rows),
	       "a table is longer than its copy");

/* ---- what dialects bring along ---- */

/* A row of a section that is made of a copy. */
static struct directive *row_of(const struct section *section, const char *name)
{
	return (struct directive *)(uintptr_t)section_find(section, name);
}

static void dialects_name(struct directives *made, const struct conf_known *known)
{
	char *at = made->dialect_help, *end = at + sizeof(made->dialect_help);

	at += snprintf(at, sizeof(made->dialect_help), "The dialect of its clients: ");
	for (size_t i = 0; i < known->dialect_count && at < end; i++)
		at += snprintf(at, (size_t)(end - at), "%s%s",
			       i == 0                          ? ""
			       : i + 1 == known->dialect_count ? " or "
							       : ", ",
			       known->dialects[i].name);
	if (at < end)
		snprintf(at, (size_t)(end - at), ".");
}

static void mounts_make(struct directives *made, const struct conf_known *known)
{
	size_t count = 0;

	for (size_t i = 0; i < known->dialect_count; i++) {
		const char *const *path = known->dialects[i].mounts;

		for (; path && *path && count < DIRECTIVES_MOUNTS_MAX; path++, count++) {
			struct preset *preset = made->mounts[count];

			snprintf(made->paths[count], sizeof(made->paths[0]), "\"%s\"", *path);
			snprintf(made->names[count], sizeof(made->names[0]), "\"%s\"",
				 known->dialects[i].name);
			preset[0] = (struct preset){ "path", made->paths[count] };
			preset[1] = (struct preset){ "dialect", made->names[count] };
			preset[2] = (struct preset){ NULL, NULL };
			made->mount_list[count] = preset;
		}
	}
	made->mount_list[count] = NULL;
}

static struct directive id_row(const struct conf_dialect *dialect, size_t index)
{
	size_t at = offsetof(struct conf_room, ids) + index * sizeof(struct conf_room_id);
	bool number = dialect->naming == CONF_NAMING_NUMBER;

	return (struct directive){
		.name = dialect->directive,
		.type = number ? DIRECTIVE_LARGE : DIRECTIVE_TEXT,
		.shape = dialect->naming == CONF_NAMING_UUID ? SHAPE_UUID : SHAPE_ROOM_ID,
		.offset = at + (number ? offsetof(struct conf_room_id, number)
				       : offsetof(struct conf_room_id, text)),
		.max = number                                ? dialect->number_max
		       : dialect->naming == CONF_NAMING_UUID ? 36
							     : 64,
		.text = number ? NULL : "",
		.reloadable = true,
		.help = dialect->help,
	};
}

/* Behind the room's name come its ids. */
static void room_make(struct directives *made, const struct conf_known *known)
{
	size_t rows = 0, shown = 0;

	made->room_rows[rows++] = room_rows[0];
	made->lobby[shown++] = (struct preset){ "name", "\"lobby\"" };
	for (size_t i = 0; i < known->dialect_count; i++) {
		const struct conf_dialect *dialect = &known->dialects[i];

		if (dialect->naming == CONF_NAMING_NONE)
			continue;
		made->room_rows[rows++] = id_row(dialect, i);
		if (dialect->lobby)
			made->lobby[shown++] =
			    (struct preset){ dialect->directive, dialect->lobby };
	}
	for (size_t i = 1; i < sizeof(room_rows) / sizeof(room_rows[0]); i++)
		made->room_rows[rows++] = room_rows[i];
	made->lobby[shown++] = (struct preset){ "history", "100" };
	made->lobby[shown] = (struct preset){ NULL, NULL };
	made->lobby_list[0] = made->lobby;
	made->room = (struct section){ SECTION("a room", room_rows, conf_room), PLACED(conf_room) };
	made->room.directives = made->room_rows;
	made->room.count = rows;
}

static void listener_make(struct directives *made)
{
	memcpy(made->mount_rows, mount_rows, sizeof(mount_rows));
	memcpy(made->listener_rows, listener_rows, sizeof(listener_rows));
	made->mount =
	    (struct section){ SECTION("a mount", mount_rows, conf_mount), PLACED(conf_mount) };
	made->mount.directives = made->mount_rows;
	made->listener = (struct section){ SECTION("a listener", listener_rows, conf_listener),
					   PLACED(conf_listener) };
	made->listener.directives = made->listener_rows;
	row_of(&made->mount, "dialect")->help = made->dialect_help;
	row_of(&made->listener, "mounts")->inner = &made->mount;
	row_of(&made->listener, "mounts")->rows = made->mount_list;
}

const struct section *directives_make(struct directives *made, const struct conf_known *known)
{
	static const struct conf_known nothing;

	known = known ? known : &nothing;
	memset(made, 0, sizeof(*made));
	dialects_name(made, known);
	mounts_make(made, known);
	listener_make(made);
	room_make(made, known);
	memcpy(made->top_rows, top_rows, sizeof(top_rows));
	made->top = (struct section){ SECTION("the configuration", top_rows, conf) };
	made->top.directives = made->top_rows;
	row_of(&made->top, "listeners")->inner = &made->listener;
	row_of(&made->top, "rooms")->inner = &made->room;
	row_of(&made->top, "rooms")->rows = made->lobby_list;
	return &made->top;
}
