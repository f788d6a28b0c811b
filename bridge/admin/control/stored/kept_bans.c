#include "bridge/admin/control/stored/kept_bans.h"

#include <stdio.h>
#include <string.h>

_Static_assert(LASTING_TEXT_MAX == BAN_TEXT_MAX && LASTING_ADDRESSES_MAX == BAN_ADDRESSES_MAX,
	       "a ban is stored as it is");
_Static_assert(LASTING_KEY_MAX >= NAME_FOLDED_MAX + 2 && LASTING_KEY_MAX >= BAN_TEXT_MAX,
	       "every key fits");

/* A folded name may begin with anything: its first letter tells it apart. */
void ban_key(const struct ban *ban, char key[LASTING_KEY_MAX])
{
	size_t len = 0;

	if (!ban->by_network && ban->target[0] == '#') {
		snprintf(key, LASTING_KEY_MAX, "%s", ban->target);
		return;
	}
	if (!ban->by_network) {
		char folded[NAME_FOLDED_MAX];

		len = name_fold(slice_of(ban->target), folded);
		key[0] = 'n';
		memcpy(key + 1, folded, len);
		key[len + 1] = '\0';
		return;
	}
	key[len++] = '@';
	for (size_t i = 0; i < sizeof(ban->network.base.bytes); i++)
		len += (size_t)snprintf(key + len, LASTING_KEY_MAX - len, "%02x",
					ban->network.base.bytes[i]);
	snprintf(key + len, LASTING_KEY_MAX - len, "/%u", ban->network.bits);
}

void ban_keep(const struct ban *ban, struct room_time now, struct lasting_ban *kept)
{
	*kept = (struct lasting_ban){ .number = ban->number,
				      .folded_len = ban->folded_len,
				      .address_count = ban->address_count,
				      .since_ms = ban->since_ms,
				      .until_ms = LASTING_FOREVER };
	ban_key(ban, kept->key);
	memcpy(kept->target, ban->target, sizeof(kept->target));
	memcpy(kept->folded, ban->folded, sizeof(kept->folded));
	memcpy(kept->addresses, ban->addresses, sizeof(kept->addresses));
	memcpy(kept->reason, ban->reason, sizeof(kept->reason));
	if (ban->until_ms == BAN_FOREVER)
		return;
	kept->until_ms = now.wall_ms;
	if (ban->until_ms > now.steady_ms)
		kept->until_ms += ban->until_ms - now.steady_ms;
}

/* False: it is over. */
static bool restore_end(const struct lasting_ban *kept, struct room_time now, struct ban *ban)
{
	uint64_t left, length;

	ban->until_ms = BAN_FOREVER;
	if (kept->until_ms == LASTING_FOREVER)
		return true;
	if (kept->until_ms <= now.wall_ms || kept->until_ms <= kept->since_ms)
		return false;
	left = kept->until_ms - now.wall_ms;
	length = kept->until_ms - kept->since_ms;
	ban->until_ms = now.steady_ms + (left < length ? left : length);
	return true;
}

bool ban_restore(const struct lasting_ban *kept, struct room_time now, struct ban *ban)
{
	*ban = (struct ban){ .number = kept->number,
			     .folded_len = kept->folded_len,
			     .address_count = kept->address_count,
			     .since_ms = kept->since_ms };
	memcpy(ban->target, kept->target, sizeof(ban->target));
	memcpy(ban->folded, kept->folded, sizeof(ban->folded));
	memcpy(ban->addresses, kept->addresses, sizeof(ban->addresses));
	memcpy(ban->reason, kept->reason, sizeof(ban->reason));
	ban->by_network = network_read(ban->target, strlen(ban->target), &ban->network);
	return restore_end(kept, now, ban);
}
