#include "bridge/logins/refusal.h"

#include <inttypes.h>
#include <stdio.h>

#include "bridge/core/log/log_limit.h"
#include "bridge/secrets/jwt.h"
#include "bridge/secrets/token_text.h"
#include "codecs/text/name.h"

void refusal_tell(struct worker *worker, const struct refusal *refusal)
{
	const struct mount *mount = refusal->mount;
	char shown[4 * NAME_BYTES_MAX + 1];
	struct log_fields fields = { .event = "login_refused",
				     .address = refusal->address,
				     .reason = reason_code(refusal->reason),
				     .dialect = mount->codec->name,
				     .path = slice_of(mount->path),
				     .room = refusal->room,
				     .name = refusal->name };

	worker->counters->connections_refused[refusal->reason]++;
	if (!log_enabled(LOG_INFO))
		return;
	if (token_text_meant(fields.name) || jwt_meant(fields.name))
		fields.name = SLICE("");
	if (fields.name.len == 0 && refusal->number > 0)
		fields.name = slice_span(
		    shown, (size_t)snprintf(shown, sizeof(shown), "#%" PRIu64, refusal->number));
	else
		text_escape(fields.name, shown, sizeof(shown));
	log_event_limited(LOG_REFUSED_LOGIN, LOG_INFO, &fields,
			  "refused login from %s at \"%s\": %s %s \"%s\"", refusal->address,
			  mount->path, fields.reason, fields.dialect, shown);
}
