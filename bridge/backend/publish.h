/* publish.h - what backends ask for. */
#ifndef BRIDGE_BACKEND_PUBLISH_H
#define BRIDGE_BACKEND_PUBLISH_H

#include "bridge/backend/state.h"
#include "codecs/backend/wire.h"

/* A PUBLISH or CONTROL that was read well; the owner's thread. Borrow. */
void backend_publish(struct backend *backend, struct slice identity,
		     const struct wire_message *message);
void backend_control(struct backend *backend, struct slice identity,
		     const struct wire_message *message);

/* What came back to an ASKER_BACKEND. Borrows. */
void publish_answered(struct worker *worker, const struct asker *asker, struct answer *answer);

#endif
