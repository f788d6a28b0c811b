#include "bridge/net/ws/ws_offer.h"

#include <stdio.h>

#include "bridge/net/ws/ws_deflate.h"

/* What is left of the value. */
struct scan {
	const char *at, *end;
	bool bad;
};

/* A parameter's value, which is as long as a token of some sense; a longer one is cut. */
struct value {
	char text[8];
	size_t len;
	bool present;
};

enum { SERVER_BITS = 1, CLIENT_BITS = 2, SERVER_ALONE = 4, CLIENT_ALONE = 8 };

struct offer {
	bool deflate, declined;
	unsigned seen;
	unsigned server_bits;
};

static const char extension[] = "permessage-deflate";

/* ---- grammar ---- */

static bool is_token(char c)
{
	return c > ' ' && c < 0x7f && !strchr("()<>@,;:\\\"/[]?={}", c);
}

static void spaces_skip(struct scan *scan)
{
	while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t'))
		scan->at++;
}

static bool take(struct scan *scan, char c)
{
	spaces_skip(scan);
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	spaces_skip(scan);
	return true;
}

static struct slice token_take(struct scan *scan)
{
	const char *from = scan->at;

	while (scan->at < scan->end && is_token(*scan->at))
		scan->at++;
	if (scan->at == from)
		scan->bad = true;
	return slice_span(from, (size_t)(scan->at - from));
}

static void value_add(struct value *value, char c)
{
	if (value->len < sizeof(value->text))
		value->text[value->len] = c;
	value->len++;
}

/* What is quoted must be a token as well (RFC 6455 section 9.1). */
static void quoted_take(struct scan *scan, struct value *value)
{
	while (scan->at < scan->end && *scan->at != '"') {
		if (*scan->at == '\\' && ++scan->at == scan->end)
			break;
		if (!is_token(*scan->at))
			scan->bad = true;
		value_add(value, *scan->at++);
	}
	if (scan->at == scan->end || !value->len)
		scan->bad = true;
	else
		scan->at++;
}

static struct value value_take(struct scan *scan)
{
	struct value value = { .present = take(scan, '=') };

	if (value.present && scan->at < scan->end && *scan->at == '"') {
		scan->at++;
		quoted_take(scan, &value);
	} else if (value.present) {
		struct slice token = token_take(scan);

		for (size_t i = 0; i < token.len; i++)
			value_add(&value, token.data[i]);
	}
	return value;
}

/* ---- parameters ---- */

/* 8 to 15 without a leading zero; 0: it is something else. */
static unsigned bits_of(const struct value *value)
{
	if (value->len == 1 && (value->text[0] == '8' || value->text[0] == '9'))
		return (unsigned)(value->text[0] - '0');
	if (value->len == 2 && value->text[0] == '1' && value->text[1] >= '0' &&
	    value->text[1] <= '5')
		return 10 + (unsigned)(value->text[1] - '0');
	return 0;
}

static unsigned parameter_of(struct slice name)
{
	if (slice_is(name, "server_max_window_bits"))
		return SERVER_BITS;
	if (slice_is(name, "client_max_window_bits"))
		return CLIENT_BITS;
	if (slice_is(name, "server_no_context_takeover"))
		return SERVER_ALONE;
	if (slice_is(name, "client_no_context_takeover"))
		return CLIENT_ALONE;
	return 0;
}

static void parameter_judge(struct offer *offer, struct slice name, const struct value *value)
{
	unsigned parameter = parameter_of(name), bits = bits_of(value);
	bool right;

	switch (parameter) {
	case SERVER_BITS: right = bits != 0; break;
	case CLIENT_BITS: right = bits || !value->present; break;
	case SERVER_ALONE:
	case CLIENT_ALONE: right = !value->present; break;
	default: right = false;
	}
	if (!right || offer->seen & parameter)
		offer->declined = true;
	if (parameter == SERVER_BITS)
		offer->server_bits = bits;
	offer->seen |= parameter;
}

static struct offer offer_take(struct scan *scan)
{
	struct offer offer = { .deflate = slice_is(token_take(scan), extension) };

	while (!scan->bad && take(scan, ';')) {
		struct slice name = token_take(scan);
		struct value value = value_take(scan);

		parameter_judge(&offer, name, &value);
	}
	return offer;
}

static void answer_write(const struct offer *offer, struct ws_terms *terms)
{
	static const char alone[] = "; server_no_context_takeover; client_no_context_takeover";
	const char *bits = offer->server_bits ? "; server_max_window_bits=" : "";
	int len = snprintf(terms->answer, sizeof(terms->answer), "%s%s%s", extension, alone, bits);

	if (offer->server_bits)
		snprintf(terms->answer + len, sizeof(terms->answer) - (size_t)len, "%u",
			 offer->server_bits);
	terms->compress = !offer->server_bits || offer->server_bits >= WS_DEFLATE_BITS;
}

enum ws_offer ws_offer_judge(struct slice value, struct ws_terms *terms)
{
	struct scan scan = { .at = value.data };
	bool taken = false;

	if (!value.len)
		return WS_OFFER_NONE;
	scan.end = scan.at + value.len;
	spaces_skip(&scan);
	/* Elements of a list may be empty (RFC 9110 section 5.6.1.2). */
	while (scan.at < scan.end) {
		struct offer offer;

		if (take(&scan, ','))
			continue;
		offer = offer_take(&scan);
		spaces_skip(&scan);
		if (scan.bad || (scan.at < scan.end && *scan.at != ','))
			return WS_OFFER_BAD;
		if (offer.deflate && !offer.declined && !taken) {
			answer_write(&offer, terms);
			taken = true;
		}
	}
	return taken ? WS_OFFER_TAKEN : WS_OFFER_NONE;
}
