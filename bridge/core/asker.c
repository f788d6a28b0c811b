#include "bridge/core/asker.h"

#include <stdlib.h>

#include "bridge/core/login.h"
#include "bridge/core/survey.h"
#include "codecs/text/memory.h"

struct asker asker_silent(struct asker asker)
{
	if (asker.kind != ASKER_SESSION && asker.kind != ASKER_CALL)
		return (struct asker){ .kind = ASKER_NOBODY };
	asker.ticket = TICKET_NONE;
	return asker;
}

void answer_put_text(struct answer *answer, struct slice text)
{
	free(answer->text);
	answer->text = text.data ? memory_text(text.data, text.len) : NULL;
	answer->text_len = text.data ? text.len : 0;
}

struct slice answer_text(const struct answer *answer)
{
	return (struct slice){ answer->text, answer->text_len };
}

struct slice answer_correlation(const struct answer *answer)
{
	return (struct slice){ answer->correlation, answer->correlation_len };
}

void answer_clear(struct answer *answer)
{
	for (size_t i = 0; answer->history && i < answer->count; i++)
		envelope_release(answer->history[i]);
	free(answer->history);
	free(answer->members);
	free(answer->text);
	free(answer->correlation);
	login_claim_free(answer->login);
	survey_free(answer->survey);
	envelope_release(answer->event);
	*answer = (struct answer){ 0 };
}
