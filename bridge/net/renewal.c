#include "bridge/net/renewal.h"

#include "bridge/core/log/log.h"
#include "bridge/core/worker.h"
#include "bridge/net/tls.h"
#include "conf/conf.h"

static void give(struct worker *worker, struct listener_info *listener,
		 struct certificate *certificate)
{
	struct post_certificate *post = post_new(POST_CERTIFICATE);

	post->listener = listener;
	post->certificate = certificate_hold(certificate);
	post->release = certificate_release;
	mailbox_post(&worker->box, &post->post);
}

/* From now on new connections to that listener are shown this certificate; those there are keep
 * theirs. Takes certificate. */
static void publish(struct bridge *bridge, struct listener_info *listener,
		    struct certificate *certificate)
{
	for (unsigned w = 0; w < bridge->worker_count; w++)
		give(bridge->workers[w], listener, certificate);
	if (bridge->admin)
		give(bridge->admin, listener, certificate);
	certificate_release(listener->certificate);
	listener->certificate = certificate;
}

static bool read_again(struct bridge *bridge, struct listener_info *listener)
{
	const char *path = listener->conf->tls_certificate;
	char why[CERTIFICATE_WHY_MAX];
	struct certificate *certificate = certificate_read(path, listener->conf->tls_key, why);

	if (!certificate) {
		log_line(LOG_ERROR, "the certificate was not reloaded, the old one stays: %s", why);
		return false;
	}
	log_line(LOG_INFO, "certificate reloaded: %s", path);
	if (certificate_expired(certificate))
		log_line(LOG_WARNING, "%s: the certificate has expired", path);
	publish(bridge, listener, certificate);
	return true;
}

unsigned renewal_read(struct bridge *bridge)
{
	unsigned bad = 0;

	for (size_t i = 0; i < bridge->listener_count; i++)
		if (bridge->listeners[i].tls && !read_again(bridge, &bridge->listeners[i]))
			bad++;
	return bad;
}
