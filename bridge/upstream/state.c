#include "bridge/upstream/state.h"

#include "bridge/durable/release.h"
#include "bridge/durable/store.h"
#include "codecs/text/name.h"
#include "routes/rules/pattern.h"

struct upstream_ledger *upstream_ledger(const struct upstream *upstream)
{
	return &upstream->worker->counters->upstreams[upstream->index];
}

uint64_t upstream_serial(struct upstream *upstream)
{
	upstream->serial = upstream->serial % INT32_MAX + 1;
	return upstream->serial;
}

static struct slice text_of(const char *text)
{
	return text && *text ? slice_of(text) : (struct slice){ NULL, 0 };
}

void upstream_account(const struct upstream *upstream, struct call_account *account)
{
	const struct conf_upstream *conf = upstream->conf;

	*account = (struct call_account){ .url = text_of(conf->url),
					  .socket_path = text_of(conf->socket_path),
					  .user = text_of(conf->user),
					  .secret = text_of(upstream->secret),
					  .room = text_of(conf->remote_room) };
}

struct slice upstream_login_secret(const struct upstream *upstream, size_t index)
{
	return text_of(upstream->login_secrets ? upstream->login_secrets[index] : NULL);
}

bool upstream_ignores_name(const struct upstream *upstream, struct slice name)
{
	const struct conf_list *names = &upstream->conf->ignore;

	for (size_t i = 0; i < names->count; i++)
		if (name_same(slice_of(names->items[i]), name))
			return true;
	return false;
}

bool upstream_ignores(const struct upstream *upstream, struct slice text)
{
	return upstream->ignored &&
	       pattern_find(upstream->ignored, upstream->search, text) == PATTERN_FOUND;
}

static struct foreign_keeping keeping_of(const struct upstream *upstream)
{
	return (struct foreign_keeping){ .upstream = slice_of(upstream->conf->name),
					 .room = upstream->room->rules.name };
}

void upstream_keep_id(struct upstream *upstream, struct slice theirs, uint64_t ours)
{
	struct foreign_name name = { theirs, ours };
	struct foreign_keeping keeping = keeping_of(upstream);

	if (!upstream->bridge->store)
		return;
	keeping.names = &name;
	keeping.count = 1;
	release_keep_foreign(upstream->worker, &keeping);
}

void upstream_keep_settled(struct upstream *upstream, uint64_t ours)
{
	struct foreign_keeping keeping = keeping_of(upstream);

	if (!upstream->bridge->store || ours <= upstream->settled)
		return;
	upstream->settled = keeping.settled = ours;
	release_keep_foreign(upstream->worker, &keeping);
}

bool upstream_has_client(const struct upstream *upstream, struct slice id)
{
	const struct link *link = upstream->front ? upstream->links : NULL;

	while (link && !(id.len && slice_equal(link->peer.self.id, id)))
		link = link->next;
	return link != NULL;
}

bool upstream_awaits(const struct upstream *upstream, struct slice name)
{
	const struct link *link = upstream->front ? upstream->links : NULL;

	while (link &&
	       !(link->claim && link->state != LINK_CLOSING && name_same(link->account.user, name)))
		link = link->next;
	return link != NULL;
}
