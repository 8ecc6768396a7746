/* What the files of the stage share. */
#ifndef DIALTONE_TESTS_CTI_STAGE_PRIV_H
#define DIALTONE_TESTS_CTI_STAGE_PRIV_H

#include "stage.h"

#define STAGE_RELAYS    16
#define STAGE_CLIENTS   1000
#define STAGE_QUESTIONS 4096
/* Real milliseconds Redis may take. */
#define STAGE_PATIENCE_MS 20000
/* Rates above it are those of stage_settle(). */
#define STAGE_ECHO 1000000000
/* An order that changes nothing. */
#define STAGE_NOTHING STR("{\"v\":1,\"k\":\"c\",\"o\":\"kick\",\"q\":[]}")

/* What the API is asked. */
struct question {
	const char *authorization;
	session_answer_fn *fn;
	void *arg;
};

struct stage {
	struct arena *arena;
	struct keyring *keys;
	struct redis_address address;
	struct redis *redis;
	struct relay *relays[STAGE_RELAYS];
	size_t relay_n;
	struct client *clients[STAGE_CLIENTS];
	size_t client_n;
	struct question questions[STAGE_QUESTIONS];
	size_t question_n;
	int64_t now_ms, wall_us;   /* of the tests */
	int64_t aged_ms;           /* up to when Redis has aged */
	uint64_t sent, settled_at; /* commands of the relays; when all was quiet */
	int64_t echoes;
	unsigned ids;
};

extern struct stage stage;

struct str stage_decimal(int64_t n);
/* To the next deadline, but not beyond end. */
void stage_step(int64_t end);

void line_turn(struct line *line);
bool line_is_up(const struct line *line);
/* The channel of a relay alone. */
struct str relay_channel(const struct relay *r);
void relays_free(void);

extern const struct sio_carrier client_carrier;
/* As the server does it: after the turn in which they ended. */
void clients_bury(void);
void clients_free(void);

#endif
