#include "codecs/mixer/rest.h"

#include <inttypes.h>
#include <stdio.h>

#include "codecs/credentials.h"

/* ---- a code for a token ---- */

/* A form, or JSON. */
static struct slice argument(struct codec_peer *peer, const struct codec_call *call,
			     const struct json_object *object, const char *name)
{
	return object->count == 0 ? call_form(peer, call, name) : call_member(peer, object, name);
}

static void ask_login(struct codec_peer *peer, struct codec_call *call, struct codec_want *want,
		      struct codec_answer *answer)
{
	struct json_object object;
	struct slice grant, code;

	/* A form is no object, and leaves none. */
	if (json_read(call->body, peer->json_depth, &object) != JSON_OK)
		object.count = 0;
	grant = argument(peer, call, &object, "grant_type");
	if (slice_is(grant, "authorization_code"))
		code = argument(peer, call, &object, "code");
	else if (slice_is(grant, "refresh_token"))
		code = argument(peer, call, &object, "refresh_token");
	else
		code = (struct slice){ 0 };
	want->kind = WANT_LOGIN;
	want->login.token = code;
	if (code.len == 0 || !credentials_split(code, &want->login))
		rest_refuse(answer, 400, SLICE("invalid_grant"));
}

/* Who hears of an invalid grant throws it away: so that is said of what is wrong alone. */
static void refuse_grant(const struct codec_told *told, struct codec_answer *answer)
{
	switch (told->reason) {
	case REASON_BUSY:
	case REASON_NO_ANSWER:
	case REASON_RATE_LIMITED:
	case REASON_CLOSING:
	case REASON_UNSTORED: rest_refuse_for(answer, told); break;
	default: rest_refuse(answer, 400, SLICE("invalid_grant"));
	}
}

/* Nobody is asked for consent here: an authorization code is what a bearer token could be. */
void rest_token(struct codec_peer *peer, struct codec_call *call, const struct codec_told *told,
		struct codec_want *want, struct codec_answer *answer)
{
	struct json_writer *w;

	if (told->kind == WANT_NOTHING) {
		ask_login(peer, call, want, answer);
	} else if (told->reason != REASON_NONE) {
		refuse_grant(told, answer);
	} else if (told->kind == WANT_LOGIN) {
		want->kind = WANT_KEY;
	} else {
		w = answer_json(answer, 200);
		json_object_open(w);
		json_field_string(w, "access_token", told->key);
		json_field_string(w, "refresh_token", told->key);
		json_field_string(w, "token_type", SLICE("Bearer"));
		json_field_unsigned(w, "expires_in", told->key_lasts_ms / 1000);
		json_object_close(w);
	}
}

/* ---- a short code, which a person would type in elsewhere ----
 *
 * There is no page here where somebody says yes. So who comes by a short code is a guest, whose
 * name is made of it, where guests may come; else it is denied. Nothing is kept: the handle is the
 * time, and name and secret of the guest. */

#define CODE_LEN   6
#define LASTS_S    120
#define PENDING_MS 1000 /* so long nobody has said anything: real clients ask every 2 s */
#define NAME       "viewer-"
#define NAME_LEN   (sizeof(NAME) - 1 + CODE_LEN)
#define TIME_LEN   16
#define SECRET_LEN 16
#define HANDLE_LEN (TIME_LEN + NAME_LEN + SECRET_LEN)

/* Without what looks alike. */
static void write_code(uint64_t number, char code[CODE_LEN + 1])
{
	static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

	for (unsigned i = 0; i < CODE_LEN; i++, number >>= 5)
		code[i] = letters[number & 31];
	code[CODE_LEN] = '\0';
}

void rest_shortcode(struct codec_peer *peer, struct codec_call *call, const struct codec_told *told,
		    struct codec_want *want, struct codec_answer *answer)
{
	struct json_writer *w = answer_json(answer, 202);
	char code[CODE_LEN + 1], handle[HANDLE_LEN + 1];
	uint64_t secret = keyed_hash(peer->view->ids, &call->nonce, sizeof(call->nonce));

	(void)told;
	(void)want;
	write_code(call->nonce, code);
	snprintf(handle, sizeof(handle), "%016" PRIx64 NAME "%s%016" PRIx64, peer->now_ms, code,
		 secret);
	json_object_open(w);
	json_field_string(w, "code", slice_of(code));
	json_field_string(w, "handle", slice_of(handle));
	json_field_unsigned(w, "expires_in", LASTS_S);
	json_object_close(w);
}

static bool read_hex(struct slice text, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		bool digit = c >= '0' && c <= '9';

		if (!digit && (c < 'a' || c > 'f'))
			return false;
		*number = *number << 4 | (uint64_t)(digit ? c - '0' : c - 'a' + 10);
	}
	return true;
}

/* False: it is none, or has expired. *login: whom it is for; borrows from the handle. */
static bool read_handle(struct slice handle, uint64_t now_ms, uint64_t *since_ms,
			struct codec_login *login)
{
	uint64_t secret;

	if (handle.len != HANDLE_LEN || !read_hex(slice_span(handle.data, TIME_LEN), since_ms))
		return false;
	login->name = slice_span(handle.data + TIME_LEN, NAME_LEN);
	login->secret = slice_span(handle.data + TIME_LEN + NAME_LEN, SECRET_LEN);
	return slice_starts_with(login->name, NAME) && read_hex(login->secret, &secret) &&
	       *since_ms <= now_ms && now_ms - *since_ms < LASTS_S * 1000;
}

static void answer_code(const struct codec_login *login, struct codec_answer *answer)
{
	struct json_writer *w = answer_json(answer, 200);
	char code[NAME_LEN + 1 + SECRET_LEN];

	memcpy(code, login->name.data, NAME_LEN);
	code[NAME_LEN] = ':';
	memcpy(code + NAME_LEN + 1, login->secret.data, SECRET_LEN);
	json_object_open(w);
	json_field_string(w, "code", slice_span(code, sizeof(code)));
	json_object_close(w);
}

void rest_shortcode_check(struct codec_peer *peer, struct codec_call *call,
			  const struct codec_told *told, struct codec_want *want,
			  struct codec_answer *answer)
{
	struct codec_login login = { 0 };
	uint64_t since_ms;

	if (!read_handle(call->parts[0], peer->now_ms, &since_ms, &login)) {
		rest_refuse(answer, 404, SLICE("the short code has expired"));
	} else if (peer->now_ms - since_ms < PENDING_MS) {
		answer->status = 204;
	} else if (told->kind == WANT_NOTHING) {
		want->kind = WANT_LOGIN;
		want->login = login;
	} else if (told->reason == REASON_NONE) {
		answer_code(&login, answer);
	} else {
		rest_refuse(answer, 403, SLICE("guests may not come in here"));
	}
}
