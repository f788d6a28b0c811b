#include "bridge/admin/control/stored/tokens.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/admin/control/calls.h"
#include "bridge/core/directory.h"
#include "bridge/core/people/directory_accounts.h"
#include "bridge/durable/lasting.h"
#include "bridge/logins/issue.h"
#include "bridge/logins/tokens.h"
#include "bridge/net/loop.h"
#include "codecs/text/memory.h"

#define ROWS_IN_PART 128
#define ID_BYTES     6
#define ID_TEXT      (2 * ID_BYTES + 1)

/* own: those it is about, and how far it is. */
struct some {
	struct token_row *rows; /* owned */
	size_t count, at;
};

static void some_free(void *own)
{
	struct some *some = own;

	free(some->rows);
	free(some);
}

static struct tokens *tokens_of(const struct call *call)
{
	return call->calls->bridge->tokens;
}

/* The beginning of the hash: it tells nothing of the token. */
static const char *id_print(const struct token_row *row, char text[ID_TEXT])
{
	for (size_t i = 0; i < ID_BYTES; i++)
		snprintf(text + 2 * i, ID_TEXT - 2 * i, "%02x", row->hash[i]);
	return text;
}

static bool is_whose(const struct token_row *row, const char *text)
{
	if (text[0] == '#')
		return row->number == (uint32_t)atol(text + 1);
	return name_same(slice_of(row->name), slice_of(text));
}

/* Those that are asked for. of, id: NULL: whosever, whichever. */
static struct some *some_new(struct call *call, const char *of, const char *id)
{
	struct some *some = memory_zeroed(1, sizeof(*some));
	size_t count = tokens_list(tokens_of(call), 0, &some->rows);
	char text[ID_TEXT];

	for (size_t i = 0; i < count; i++)
		if ((!of || is_whose(&some->rows[i], of)) &&
		    (!id || strcmp(id_print(&some->rows[i], text), id) == 0))
			some->rows[some->count++] = some->rows[i];
	call->own = some;
	call->own_free = some_free;
	return some;
}

static json_t *time_of(uint64_t wall_ms)
{
	return wall_ms ? json_of_time(wall_ms) : json_null();
}

static json_t *row_of(const struct token_row *row)
{
	static const char *const kinds[HOLDER_KINDS] = { "guest", "account", "foreign" };
	char id[ID_TEXT];

	return json_pack("{s:s,s:o,s:I,s:s,s:s,s:o,s:o}", "id", id_print(row, id), "name",
			 json_of(slice_of(row->name)), "number", (json_int_t)row->number, "kind",
			 kinds[row->kind], "dialect", row->dialect, "issued",
			 time_of(row->issued_ms), "expires", time_of(row->expires_ms));
}

/* ---- list ---- */

static void list_more(struct call *call)
{
	struct some *some = call->own;
	json_t *rows;

	if (some->at == some->count) {
		call_end(call, json_pack("{s:I}", "count", (json_int_t)some->count));
		return;
	}
	rows = json_array();
	for (size_t i = 0; i < ROWS_IN_PART && some->at < some->count; i++)
		json_array_append_new(rows, row_of(&some->rows[some->at++]));
	call_rows(call, rows, list_more);
}

void tokens_list_serve(struct call *call)
{
	(void)some_new(call, request_text(&call->request, "of"), NULL);
	list_more(call);
}

/* ---- add ---- */

/* own: it, with its text, which is wiped. */
struct added {
	struct token_row row;
	char text[TOKEN_TEXT_LEN + 1];
};

static void added_free(void *own)
{
	explicit_bzero(own, sizeof(struct added));
	free(own);
}

static void add_end(struct call *call)
{
	const struct added *added = call->own;
	json_t *result = row_of(&added->row);

	json_object_set_new(result, "token", json_string(added->text));
	call_end(call, result);
}

static void add_kept(struct call *call, const struct lasting *lasting)
{
	tokens_settle(tokens_of(call), ((const struct added *)call->own)->row.hash,
		      !lasting->failed);
	if (lasting->failed)
		call_fail(call, 1, reason_code(REASON_UNSTORED),
			  "not done: it cannot be stored: %s", lasting->why);
	else
		add_end(call);
}

/* False: the call has failed. */
static bool find_account(struct call *call, struct token_row *row)
{
	struct directory *directory = call->calls->bridge->directory;
	const char *text = request_text(&call->request, "name");
	char name[NAME_BYTES_MAX];
	struct person who;
	bool found =
	    text[0] == '#'
		? directory_vouch(directory, (uint32_t)atol(text + 1), &who, name, &row->credential)
		: directory_vouch_name(directory, slice_of(text), &who, name, &row->credential);

	if (!found) {
		call_fail(call, 1, reason_code(REASON_UNKNOWN_PERSON), "there is no account '%s'",
			  text);
		return false;
	}
	row->kind = HOLDER_ACCOUNT;
	row->number = who.number;
	memcpy(row->name, who.name.data, who.name.len);
	return true;
}

void tokens_add_serve(struct call *call)
{
	const char *lasts = request_text(&call->request, "for");
	struct bridge *bridge = call->calls->bridge;
	struct lasting *lasting = lasting_new(LASTING_TOKENS);
	struct added *added = memory_zeroed(1, sizeof(*added));

	call->own = added;
	call->own_free = added_free;
	if (!find_account(call, &lasting->tokens.row)) {
		free(lasting);
		return;
	}
	if (!issue_begin(bridge, clock_wall_ms(), lasts ? verb_duration_ms(lasts) : LOGINS_USUAL,
			 added->text, &lasting->tokens)) {
		free(lasting);
		call_fail(call, 1, reason_code(REASON_TOO_MANY),
			  "there are as many tokens as the configuration allows: count of tokens");
		return;
	}
	added->row = lasting->tokens.row;
	if (bridge->store) {
		call_keep(call, lasting, add_kept);
		return;
	}
	free(lasting);
	add_end(call);
}

/* ---- revoke ---- */

static void revoke_more(struct call *call);

static void revoke_kept(struct call *call, const struct lasting *lasting)
{
	if (lasting->failed)
		call_fail(call, 1, reason_code(REASON_UNSTORED),
			  "revoked, but that cannot be stored, and a restart brings them back: %s",
			  lasting->why);
	else
		revoke_more(call);
}

/* As many as go at once. */
static void revoke_more(struct call *call)
{
	struct some *some = call->own;
	struct lasting *lasting;

	if (some->at == some->count || !call->calls->bridge->store) {
		call_end(call, json_pack("{s:I}", "count", (json_int_t)some->count));
		return;
	}
	lasting = lasting_new(LASTING_TOKENS);
	for (; some->at < some->count && lasting->tokens.gone_count < TOKENS_GONE_MAX; some->at++)
		memcpy(lasting->tokens.gone[lasting->tokens.gone_count++],
		       some->rows[some->at].hash, TOKEN_ROW_HASH);
	call_keep(call, lasting, revoke_kept);
}

void tokens_revoke_serve(struct call *call)
{
	const char *id = request_text(&call->request, "id");
	const char *of = request_text(&call->request, "of");
	const struct some *some;

	if (!id == !of) {
		call_fail(call, 2, "bad_argument",
			  "either the id of a token or --of NAME is needed");
		return;
	}
	some = some_new(call, of, id);
	if (some->count == 0) {
		call_fail(call, 1, "unknown_token",
			  id ? "there is no token '%s'" : "'%s' has no token", id ? id : of);
		return;
	}
	/* All at once, whatever the store takes how long. */
	for (size_t i = 0; i < some->count; i++) {
		struct token_row was;

		(void)!tokens_remove(tokens_of(call), some->rows[i].hash, &was);
	}
	revoke_more(call);
}
