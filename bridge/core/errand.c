#include "bridge/core/errand.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

struct errand *errand_new(void)
{
	return memory_take_zeroed(sizeof(struct errand));
}

static void login_claim_free(struct login_claim *login)
{
	if (!login)
		return;
	if (login->secret)
		explicit_bzero(login->secret, login->secret_len);
	free(login->name);
	free(login->secret);
	free(login->correlation);
	free(login);
}

void errand_free(struct errand *errand)
{
	if (!errand)
		return;
	route_table_release(errand->table);
	login_claim_free(errand->login);
	free(errand->text);
	free(errand->publication);
	free(errand->members);
	memory_give(errand, sizeof(*errand));
}

struct slice errand_rule(const struct errand *errand)
{
	if (!errand->table)
		return (struct slice){ NULL, 0 };
	return route_table_name(errand->table, errand->rule);
}

void errand_put_text(struct errand *errand, struct slice text)
{
	free(errand->text);
	errand->text = text.data ? memory_text(text.data, text.len) : NULL;
	errand->text_len = text.data ? text.len : 0;
}

struct slice errand_text(const struct errand *errand)
{
	return (struct slice){ errand->text, errand->text_len };
}

static char *copy(struct slice text, size_t *len)
{
	*len = text.data ? text.len : 0;
	return text.data ? memory_text(text.data, text.len) : NULL;
}

struct login_claim *login_claim_new(const struct codec_login *login)
{
	struct login_claim *claim = memory_zeroed(1, sizeof(*claim));

	claim->name = copy(login->name, &claim->name_len);
	claim->secret = copy(login->secret, &claim->secret_len);
	claim->correlation = copy(login->correlation, &claim->correlation_len);
	claim->number = login->claimed_number;
	claim->anonymous = login->anonymous;
	return claim;
}
