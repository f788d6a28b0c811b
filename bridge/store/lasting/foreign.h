/* foreign.h - struct store's keep_foreign() and load_foreign(), of the engine's store. */
#ifndef BRIDGE_STORE_LASTING_FOREIGN_H
#define BRIDGE_STORE_LASTING_FOREIGN_H

struct store;

/* Main thread, before others. */
void foreign_serve(struct store *store);

#endif
