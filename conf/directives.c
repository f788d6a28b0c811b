#include "conf/directives.h"

#include <inttypes.h>
#include <string.h>

#include "conf/conf.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *const directives_levels[] = { "error", "warning", "info", "debug", "trace", NULL };

/* Rows are long and alike; naming the fields by macro keeps one directive in one place. */
#define AT(type, field)     .name = #field, .offset = offsetof(struct type, field)
#define YES_NO(value)       .type = DIRECTIVE_YES_NO, .number = (value)
#define NUMBER(a, b, value) .type = DIRECTIVE_NUMBER, .min = (a), .max = (b), .number = (value)
#define LARGE(a, b)         .type = DIRECTIVE_LARGE, .min = (a), .max = (b)
#define TEXT(form, a, b)    .type = DIRECTIVE_TEXT, .shape = (form), .min = (a), .max = (b)
#define TEXTS(form)         .type = DIRECTIVE_TEXTS, .shape = (form), .max = 10000
#define GROUPS(type_, counter, section_, a, b)                                                     \
	.type = DIRECTIVE_GROUPS, .count_offset = offsetof(struct type_, counter),                 \
	.inner = &(section_), .min = (a), .max = (b)

static const struct directive limit_rows[] = {
	{ AT(conf_limits, message_bytes), NUMBER(256, 16777216, 65536), .reloadable = true,
	  .help = "Bytes of one message of a client." },
	{ AT(conf_limits, login_bytes), NUMBER(256, 16777216, 4096), .reloadable = true,
	  .help = "The same before a client has logged in." },
	{ AT(conf_limits, json_depth), NUMBER(4, 128, 32), .reloadable = true,
	  .help = "How deep arrays and objects may be nested in a message." },
	{ AT(conf_limits, login_seconds), NUMBER(1, 3600, 10), .reloadable = true,
	  .help = "Time that a client has to log in after it connected." },
	{ AT(conf_limits, ping_seconds), NUMBER(1, 3600, 25), .reloadable = true,
	  .help = "A client that was silent for so long gets a ping." },
	{ AT(conf_limits, idle_seconds), NUMBER(2, 86400, 35), .reloadable = true,
	  .help = "A client from which no byte at all came for so long is gone. More than "
		  "ping_seconds." },
	{ AT(conf_limits, outbox_bytes), NUMBER(4096, 1073741824, 1048576), .reloadable = true,
	  .help = "Bytes that may wait for a client that reads slowly; then it is cut. At least "
		  "message_bytes." },
	{ AT(conf_limits, connections_per_address), NUMBER(0, 1000000, 20), .reloadable = true,
	  .help = "Connections from one address, loopback excepted. 0: no limit." },
	{ AT(conf_limits, connections), NUMBER(1, 1000000, 16000), .reloadable = true,
	  .help = "Connections in all." },
	{ AT(conf_limits, messages_per_second), NUMBER(0, 1000000, 10), .reloadable = true,
	  .help = "Messages a second that one connection may keep up. 0: no limit." },
	{ AT(conf_limits, burst), NUMBER(1, 1000000, 30), .reloadable = true,
	  .help = "Messages that one connection may send at once, ahead of that rate." },
	{ AT(conf_limits, requests_under_way), NUMBER(1, 64, 32), .reloadable = true,
	  .help = "Requests of one connection that may be under way; until one is done, no more "
		  "are read." },
	{ AT(conf_limits, rooms_per_connection), NUMBER(1, 65536, 128), .reloadable = true,
	  .help = "Rooms that one connection may enter. Does not apply to dialects whose clients "
		  "hear every room." },
};

static const struct section limits = { "limits", limit_rows, COUNT(limit_rows),
				       sizeof(struct conf_limits) };

static const struct directive mount_rows[] = {
	{ AT(conf_mount, path), TEXT(SHAPE_PATH, 1, 256), .required = true, .reloadable = true,
	  .help = "Path of the URL, without a query; ends with a '/' only when it is \"/\"." },
	{ AT(conf_mount, dialect), TEXT(SHAPE_DIALECT, 1, 64), .required = true,
	  .help = "What is spoken there: mixer, concord, rooms or simple." },
	{ AT(conf_mount, room), TEXT(SHAPE_ROOM, 1, 64), .reloadable = true,
	  .otherwise = "the only room; required when there are several", .example = "\"lobby\"",
	  .help = "The room its clients are in unless they ask for another." },
	{ AT(conf_mount, strict), YES_NO(false), .reloadable = true,
	  .help = "Send nothing that the dialect's documents do not have, error frames among it." },
	{ AT(conf_mount, guests), YES_NO(true), .reloadable = true,
	  .otherwise = "as guests at the top", .example = "true",
	  .help = "People without an account may come in." },
};

static const struct section mount = { "a mount", mount_rows, COUNT(mount_rows),
				      sizeof(struct conf_mount) };

static const struct preset mixer_mount[] = { { "path", "\"/mixer\"" },
					     { "dialect", "\"mixer\"" },
					     { NULL, NULL } };
static const struct preset concord_mount[] = { { "path", "\"/concord\"" },
					       { "dialect", "\"concord\"" },
					       { NULL, NULL } };
static const struct preset client_mount[] = { { "path", "\"/client\"" },
					      { "dialect", "\"concord\"" },
					      { NULL, NULL } };
static const struct preset rooms_mount[] = { { "path", "\"/rooms\"" },
					     { "dialect", "\"rooms\"" },
					     { NULL, NULL } };
static const struct preset simple_mount[] = { { "path", "\"/simple\"" },
					      { "dialect", "\"simple\"" },
					      { NULL, NULL } };
static const struct preset *const all_mounts[] = { mixer_mount, concord_mount, client_mount,
						   rooms_mount, simple_mount,  NULL };

static const struct directive listener_rows[] = {
	{ AT(conf_listener, address), TEXT(SHAPE_ADDRESS, 1, 64), .text = "127.0.0.1",
	  .help = "Numeric IPv4 or IPv6 address to listen on; 0.0.0.0 or :: for all." },
	{ AT(conf_listener, port), NUMBER(0, 65535, 7000), .help = "TCP port. 0: any free one." },
	{ AT(conf_listener, tls_certificate), TEXT(SHAPE_FILE, 0, 4096), .text = "",
	  .help = "PEM file of this server's certificate and the chain behind it; relative to this "
		  "file's folder. With it clients speak TLS here (wss://), and tls_key is needed, "
		  "too. HUP makes the server read both files again. \"\": no TLS." },
	{ AT(conf_listener, tls_key), TEXT(SHAPE_FILE, 0, 4096), .text = "",
	  .help = "PEM file of the certificate's private key, without a passphrase; relative to "
		  "this file's folder. Nobody but its owner may have rights on it (chmod 600)." },
	{ AT(conf_listener, origins), TEXTS(SHAPE_ORIGIN), .reloadable = true,
	  .help = "Origins of browser pages that may connect, beside pages of this very host and "
		  "port, such as \"https://chat.example\". \"*\": all." },
	{ AT(conf_listener, hosts), TEXTS(SHAPE_HOST), .reloadable = true,
	  .help = "Host names that clients may use for this server, beside numeric addresses and "
		  "localhost. \"*\": all." },
	{ AT(conf_listener, subprotocols), TEXTS(SHAPE_SUBPROTOCOL),
	  .help = "WebSocket subprotocols to accept, beside chat, http-only, ws, wss and "
		  "rust-websocket." },
	{ AT(conf_listener, mounts), GROUPS(conf_listener, mount_count, mount, 1, 64),
	  .rows = all_mounts, .reloadable = true,
	  .help = "Which dialect is spoken at which path." },
};

static const struct section listener = { "a listener", listener_rows, COUNT(listener_rows),
					 sizeof(struct conf_listener) };

static const struct preset local[] = { { "address", "\"127.0.0.1\"" },
				       { "port", "7000" },
				       { NULL, NULL } };
static const struct preset *const all_listeners[] = { local, NULL };

static const struct directive room_rows[] = {
	{ AT(conf_room, name), TEXT(SHAPE_NAME, 1, 64), .required = true, .reloadable = true,
	  .help = "For people, and for mounts to refer to." },
	{ AT(conf_room, mixer), LARGE(0, INT32_MAX), .reloadable = true,
	  .help = "Its number (channel id) for mixer clients. 0: made from the name." },
	{ AT(conf_room, concord), LARGE(0, INT64_MAX), .reloadable = true,
	  .help = "Its number (channelId) for concord clients. 0: made from the name. Numbers "
		  "above 2147483647 need the suffix L: 8501928463962112L." },
	{ AT(conf_room, rooms), TEXT(SHAPE_UUID, 0, 36), .text = "", .reloadable = true,
	  .help = "Its UUID for rooms clients. \"\": made from the name." },
	{ AT(conf_room, open), YES_NO(true), .reloadable = true,
	  .help = "Anyone may enter; else only its members and admins, and whom they invite." },
	{ AT(conf_room, admins), TEXTS(SHAPE_ACCOUNT), .reloadable = true,
	  .help = "Accounts that may moderate here." },
	{ AT(conf_room, members), TEXTS(SHAPE_ACCOUNT), .reloadable = true,
	  .help = "Accounts that may enter when it is not open." },
	{ AT(conf_room, banned), TEXTS(SHAPE_NAME), .reloadable = true,
	  .help = "Names that may not enter, of accounts or guests." },
	{ AT(conf_room, history), NUMBER(0, 1000000, 0), .reloadable = true,
	  .help = "Messages kept with their content, for clients that ask for history. Those of "
		  "rooms clients never are. At most remembered." },
	{ AT(conf_room, remembered), NUMBER(1, 1000000, 4096), .reloadable = true,
	  .help = "Messages whose author and reactions are remembered, without content; older "
		  "ones cannot be deleted or reacted to." },
};

static const struct section room = { "a room", room_rows, COUNT(room_rows),
				     sizeof(struct conf_room) };

static const struct preset lobby[] = {
	{ "name", "\"lobby\"" }, { "mixer", "1" },
	{ "concord", "1" },      { "rooms", "\"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\"" },
	{ "history", "100" },    { NULL, NULL }
};
static const struct preset *const all_rooms[] = { lobby, NULL };

static const struct directive account_rows[] = {
	{ AT(conf_account, name), TEXT(SHAPE_NAME, 1, 64), .required = true, .reloadable = true,
	  .help = "The name this person logs in with." },
	{ AT(conf_account, number), LARGE(1, 1073741823), .required = true, .reloadable = true,
	  .help = "The person's number for mixer and concord clients; never give it to another." },
	{ AT(conf_account, secret_file), TEXT(SHAPE_FILE, 1, 4096), .required = true,
	  .reloadable = true,
	  .help = "File whose first line is the person's secret; relative to this file's folder. "
		  "Nobody but its owner may have rights on it (chmod 600)." },
	{ AT(conf_account, roles), TEXTS(SHAPE_ROLE), .reloadable = true,
	  .help = "Roles in every room: user, pro, subscriber, editor, mod, staff, founder, owner. "
		  "Those from editor to owner may moderate." },
};

static const struct section account = { "an account", account_rows, COUNT(account_rows),
					sizeof(struct conf_account) };

static const struct preset ann[] = { { "name", "\"ann\"" },
				     { "number", "7" },
				     { "secret_file", "\"ann.secret\"" },
				     { "roles", "[ \"mod\" ]" },
				     { NULL, NULL } };
static const struct preset *const example_accounts[] = { ann, NULL };

static const struct directive top_rows[] = {
	{ AT(conf, workers), NUMBER(0, 16, 0),
	  .help = "Threads that serve clients. 0: one for each core." },
	{ AT(conf, guests), YES_NO(true), .reloadable = true,
	  .help = "People without an account may come in. A mount can say otherwise." },
	{ AT(conf, state), TEXT(SHAPE_FILE, 0, 4096), .text = "",
	  .help = "Folder that keeps message ids unique over restarts; relative to this file's "
		  "folder. \"\": keep nothing, rely on the clock." },
	{ AT(conf, log_level), TEXT(SHAPE_LEVEL, 1, 16), .text = "info", .reloadable = true,
	  .help = "What is logged: error, warning, info, debug or trace. What people write "
		  "appears at trace only." },
	{ AT(conf, limits), .type = DIRECTIVE_GROUP, .inner = &limits, .reloadable = true,
	  .help = "What one client, or all together, may ask of the server." },
	{ AT(conf, listeners), GROUPS(conf, listener_count, listener, 1, 64), .rows = all_listeners,
	  .reloadable = true, .help = "Where clients connect." },
	{ AT(conf, rooms), GROUPS(conf, room_count, room, 1, 10000), .rows = all_rooms,
	  .reloadable = true,
	  .help = "Where people meet. Each dialect has its own form of id for a room." },
	{ AT(conf, accounts), GROUPS(conf, account_count, account, 0, 10000),
	  .rows = example_accounts, .rows_are_examples = true, .reloadable = true,
	  .help = "People with a secret and rights. Nobody gets a role by arriving first." },
};

const struct section directives_top = { "the configuration", top_rows, COUNT(top_rows),
					sizeof(struct conf) };

const struct directive *section_find(const struct section *section, const char *name)
{
	for (size_t i = 0; i < section->count; i++)
		if (strcmp(section->directives[i].name, name) == 0)
			return &section->directives[i];
	return NULL;
}

const char *directive_type_name(const struct directive *directive)
{
	static const char *const names[] = {
		[DIRECTIVE_YES_NO] = "true or false",  [DIRECTIVE_NUMBER] = "number",
		[DIRECTIVE_LARGE] = "number",          [DIRECTIVE_TEXT] = "text",
		[DIRECTIVE_TEXTS] = "list of texts",   [DIRECTIVE_GROUP] = "group",
		[DIRECTIVE_GROUPS] = "list of groups",
	};

	return names[directive->type];
}

char *directive_range(const struct directive *directive, char out[DIRECTIVE_TEXT_MAX])
{
	const char *unit = "";

	out[0] = '\0';
	switch (directive->type) {
	case DIRECTIVE_YES_NO:
	case DIRECTIVE_GROUP: return out;
	case DIRECTIVE_NUMBER:
	case DIRECTIVE_LARGE: break;
	case DIRECTIVE_TEXT: unit = " bytes"; break;
	case DIRECTIVE_TEXTS:
	case DIRECTIVE_GROUPS: unit = " items"; break;
	}
	snprintf(out, DIRECTIVE_TEXT_MAX, "%" PRId64 " .. %" PRId64 "%s", directive->min,
		 directive->max, unit);
	return out;
}

char *directive_default(const struct directive *directive, char out[DIRECTIVE_TEXT_MAX])
{
	out[0] = '\0';
	if (directive->required || directive->otherwise) {
		snprintf(out, DIRECTIVE_TEXT_MAX, "%s",
			 directive->required ? "required" : directive->otherwise);
		return out;
	}
	switch (directive->type) {
	case DIRECTIVE_YES_NO:
		snprintf(out, DIRECTIVE_TEXT_MAX, "%s", directive->number ? "true" : "false");
		break;
	case DIRECTIVE_NUMBER:
	case DIRECTIVE_LARGE:
		snprintf(out, DIRECTIVE_TEXT_MAX, "%" PRId64, directive->number);
		break;
	case DIRECTIVE_TEXT: snprintf(out, DIRECTIVE_TEXT_MAX, "\"%s\"", directive->text); break;
	case DIRECTIVE_TEXTS: snprintf(out, DIRECTIVE_TEXT_MAX, "[ ]"); break;
	case DIRECTIVE_GROUP: break;
	case DIRECTIVE_GROUPS:
		snprintf(out, DIRECTIVE_TEXT_MAX, "%s",
			 directive->rows_are_examples ? "( )" : "as in the sample");
		break;
	}
	return out;
}

static void print_section(const struct section *section, int depth, FILE *stream)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct directive *row = &section->directives[i];
		char range[DIRECTIVE_TEXT_MAX], fallback[DIRECTIVE_TEXT_MAX];

		fprintf(stream, "%*s%-*s %s", 2 + 2 * depth, "", 26 - 2 * depth, row->name,
			directive_type_name(row));
		if (directive_range(row, range)[0])
			fprintf(stream, ", %s", range);
		if (directive_default(row, fallback)[0])
			fprintf(stream, "; %s%s", row->required ? "" : "default ", fallback);
		fputc('\n', stream);
		if (row->inner)
			print_section(row->inner, depth + 1, stream);
	}
}

void directives_print(FILE *stream)
{
	print_section(&directives_top, 0, stream);
}
