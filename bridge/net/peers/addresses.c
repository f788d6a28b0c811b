#include "bridge/net/peers/addresses.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "codecs/text/hash.h"
#include "codecs/text/memory.h"

struct address_count {
	uint64_t place;
	uint32_t count;
	UT_hash_handle hh;
};

struct addresses {
	pthread_mutex_t lock;
	struct address_count *counts;
};

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool is_four(const struct peer_address *peer)
{
	return memcmp(peer->bytes, mapped, sizeof(mapped)) == 0;
}

static bool is_loopback(const struct peer_address *peer)
{
	static const unsigned char six[16] = { [15] = 1 };

	return is_four(peer) ? peer->bytes[12] == 127 : memcmp(peer->bytes, six, sizeof(six)) == 0;
}

uint64_t address_key(const struct id_key *key, const struct peer_address *peer)
{
	uint64_t place;

	if (is_loopback(peer))
		return 0;
	if (is_four(peer))
		place = keyed_hash(key, peer->bytes + sizeof(mapped), 4);
	else
		place = keyed_hash(key, peer->bytes, 8);
	return place ? place : 1;
}

struct peer_address address_of(const struct sockaddr_storage *peer)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)peer;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)peer;
	struct peer_address address = { .bytes = { [10] = 0xff, [11] = 0xff } };

	if (peer->ss_family == AF_INET)
		memcpy(address.bytes + 12, &four->sin_addr, 4);
	else
		memcpy(address.bytes, &six->sin6_addr, sizeof(address.bytes));
	return address;
}

char *address_text(const struct peer_address *address, char out[ADDRESS_TEXT_MAX])
{
	struct in6_addr six;

	memcpy(&six, address->bytes, sizeof(six));
	if (IN6_IS_ADDR_V4MAPPED(&six))
		inet_ntop(AF_INET, six.s6_addr + 12, out, ADDRESS_TEXT_MAX);
	else
		inet_ntop(AF_INET6, &six, out, ADDRESS_TEXT_MAX);
	return out;
}

struct addresses *addresses_new(void)
{
	struct addresses *addresses = memory_zeroed(1, sizeof(*addresses));

	pthread_mutex_init(&addresses->lock, NULL);
	return addresses;
}

static struct address_count *find(const struct addresses *addresses, uint64_t place)
{
	struct address_count *count;

	HASH_FIND(hh, addresses->counts, &place, sizeof(place), count);
	return count;
}

static bool count_up(struct addresses *addresses, uint64_t place, uint32_t most)
{
	struct address_count *count = find(addresses, place);

	if (!count) {
		count = memory_zeroed(1, sizeof(*count));
		count->place = place;
		HASH_ADD(hh, addresses->counts, place, sizeof(place), count);
	}
	if (most && count->count >= most)
		return false;
	count->count++;
	return true;
}

bool addresses_take(struct addresses *addresses, uint64_t place, uint32_t most)
{
	bool taken;

	if (place == 0)
		return true;
	pthread_mutex_lock(&addresses->lock);
	taken = count_up(addresses, place, most);
	pthread_mutex_unlock(&addresses->lock);
	return taken;
}

void addresses_give_back(struct addresses *addresses, uint64_t place)
{
	struct address_count *count;

	if (place == 0)
		return;
	pthread_mutex_lock(&addresses->lock);
	count = find(addresses, place);
	if (count && --count->count == 0) {
		HASH_DEL(addresses->counts, count);
		free(count);
	}
	pthread_mutex_unlock(&addresses->lock);
}

void addresses_free(struct addresses *addresses)
{
	struct address_count *count, *next;

	if (!addresses)
		return;
	HASH_ITER(hh, addresses->counts, count, next)
	{
		HASH_DEL(addresses->counts, count);
		free(count);
	}
	pthread_mutex_destroy(&addresses->lock);
	free(addresses);
}
