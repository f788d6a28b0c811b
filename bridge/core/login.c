#include "bridge/core/login.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

void login_claim_free(struct login_claim *claim)
{
	if (!claim)
		return;
	if (claim->freed)
		claim->freed(claim);
	if (claim->secret)
		explicit_bzero(claim->secret, claim->secret_len);
	free(claim->name);
	free(claim->secret);
	free(claim->correlation);
	explicit_bzero(claim->token, sizeof(claim->token));
	free(claim->row);
	free(claim);
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
