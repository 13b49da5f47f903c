/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stage.h - the contract between a stage and the graph that runs it
 *
 * A stage is a resumable step over ports, in the manner of zlib: it takes from
 * its inlets what is there, puts into its outlets what fits, keeps its own
 * place, and returns why it stopped.  It is called again when that changes,
 * and whenever an event, an inlet's end or an outlet's cancel arrives.  Steps
 * of one stage, and of one island, never run into each other, though not always
 * on the same worker; steps of two islands may run at the same time.  None may
 * block.
 *
 * Room in an outlet is downstream demand, counted in elements.  It is exact:
 * behind `take 1` a source sees room for one element.
 *
 * Every operator of Weir is written against this header alone; a user's own
 * is 20 lines and a constant descriptor:
 *
 *	static int
 *	changes_step(struct weir_stage *stage, void *state)
 *	{
 *		struct changes *c = state;
 *		struct weir_span in;
 *
 *		while ((in = weir_stage_edit(stage)).count > 0)
 *			weir_stage_pass(stage, in.count,
 *				keep_changes(c, in.items, in.count));
 *		return weir_stage_wait(stage);
 *	}
 *
 * Unless said otherwise a function here may be called only by the stage it is
 * about, from within its own open(), step() or close().
 */
#ifndef WEIR_STREAMS_STAGE_H
#define WEIR_STREAMS_STAGE_H

#include "../actors/system.h"
#include "block.h"
#include "type.h"

WEIR_BEGIN

struct weir_stage;
struct weir_graph;
struct weir_error;

/** Why a step stopped. */
enum weir_wait {
	WEIR_AGAIN, /* enough for one turn: call again soon */
	WEIR_INPUT, /* wants more input */
	WEIR_ROOM,  /* wants room in an outlet */
	WEIR_EVENT, /* wants a wake, an alarm, or memory */
	WEIR_DONE   /* finished: completes open outlets, cancels open inlets */
};

/** What a stage asks of its inlets; see weir_operator.demand. */
enum weir_demand {
	/* The room of the outlets (the smallest, if several); with no outlet,
	 * a window: a batch of slices, or as many batches of other elements
	 * as fill 16 KiB, and at least one. */
	WEIR_DEMAND_MATCH,
	/* As MATCH, but a stage that took all it asked for and emitted nothing
	 * asks for twice as many (1, 2, ... a batch) until it emits again.
	 * What it asked for beyond its room waits in its own inlet. */
	WEIR_DEMAND_SELECT,
	/* A window, as above, whatever the room: for what absorbs. */
	WEIR_DEMAND_BATCH,
	/* Only what the stage itself requests with weir_inlet_request(). */
	WEIR_DEMAND_OWN,
	/* As MATCH, but the room of all outlets together: for what goes to one
	 * of them. */
	WEIR_DEMAND_ANY
};

/** What weir_on_error in the stage's options may ask for. */
enum weir_on_error { WEIR_STOP, WEIR_RESUME, WEIR_RESTART };
enum weir_on_failure { WEIR_DRAIN, WEIR_FAST };

/** First member of every operator's options. */
struct weir_stage_opts {
	const char *name;            /* in messages; NULL: the operator's */
	enum weir_on_error on_error; /* a user's function failed */
	enum weir_on_failure
		on_failure; /* a failure waits behind data, or not */
};

/** Elements of one inlet, or free places of one outlet. */
struct weir_span {
	void *items;
	size_t count;
};

/**
 * An inlet or outlet.  A list of them ends with one without a name.
 * @type NULL: of any type; an outlet of any type has the type of inlet 0.
 * @type_at: where the arguments hold a `const struct weir_type *` that says
 * the type of this one (0: they do not).
 */
struct weir_port {
	const char *name;
	const struct weir_type *type;
	size_t type_at;
};

/** How an option is written and kept. */
enum weir_option_kind {
	WEIR_OPTION_COUNT,  /* uint64_t; k, M, G */
	WEIR_OPTION_NUMBER, /* int64_t, may be negative */
	WEIR_OPTION_SIZE,   /* size_t, bytes; KiB, MiB, GiB, k, M, G */
	WEIR_OPTION_TIME,   /* int64_t, nanoseconds; ns, us, ms, s, m, h */
	WEIR_OPTION_FLAG, /* bool; a key of one letter is -x, else a keyword */
	WEIR_OPTION_STRING,  /* const char *; copied */
	WEIR_OPTION_STRINGS, /* const char *const *, NULL at the end; copied.
			      * Takes all the words that are left. */
	WEIR_OPTION_CHOICE   /* int: the index in choices */
};

/** Where an option stands in the pipeline language. */
enum weir_option_place {
	WEIR_PLACE_KEY,  /* key=value, or a flag or keyword */
	WEIR_PLACE_WORD, /* a word, in the table's order; mandatory */
	WEIR_PLACE_NONE  /* not in the language: from C only */
};

/**
 * One option of an operator, as data: the table checks what C programs pass,
 * feeds the parser of the `weir` command and what `weir list` prints.  A list
 * of them ends with one without a key.
 *
 * A zero (NULL, false) in the arguments means @fallback, which is filled in
 * before open() is called.  A mandatory one (WEIR_PLACE_WORD) has none: NULL is
 * refused, and a zero if @min is above it.  Numbers outside @min .. @max are
 * refused when the graph is built (@max 0: no limit; both 0: any NUMBER will
 * do).
 *
 * A key may be listed more than once, with a kind each, where its value is
 * written in several ways (sync=fsync, sync=5ms): in the pipeline language the
 * first that can read the value takes it.
 */
struct weir_option {
	const char *key;
	enum weir_option_kind kind;
	enum weir_option_place place;
	size_t offset;              /* in the arguments */
	int64_t min, max, fallback; /* in the unit of the kind */
	const char *const *choices; /* NULL at the end */
	const char *help;           /* one line, with the unit */
};

enum weir_operator_flags {
	WEIR_MANY_INLETS = 1,  /* the inlet listed stands for one or more */
	WEIR_MANY_OUTLETS = 2, /* the outlet listed stands for one or more */
	WEIR_SEES_FAILURE = 4, /* steps when an inlet failed, see
				* weir_inlet_failure() */
	/* The stage says with weir_stage_tally() what became of its elements;
	 * else taken is in, put is out (for a sink: taken is out; for a source:
	 * put is created), and what pass() left out is filtered. */
	WEIR_TALLIES = 16,
	WEIR_JOINS =
		32, /* joins several streams: inlets of bytes are refused */
	/* Each element goes to one outlet: none is copied, none counts twice,
	 * inlets of bytes are refused. */
	WEIR_SPLITS = 64,
	WEIR_STAYS_HOME = 128,  /* steps on the thread that opened it */
	WEIR_TAKES_CHUNKS = 256 /* what is put into its inlets at once stays
				 * together, see weir_stage_mark() */
};

/**
 * The capacity of a boundary between two islands: how far what is before it may
 * run ahead of what is behind.  Zero: the default.  An element of more bytes
 * than the window crosses only while nothing else is on its way.
 */
struct weir_window {
	uint64_t elements; /* the graph's window */
	size_t bytes;      /* of slices; 1 MiB */
	size_t batches;    /* twice as many as hold the elements; at least 4 */
};

/**
 * An operator, source (no inlets) or sink (no outlets).  Constant and shared
 * by all its stages; to be kept alive as long as they are.
 */
struct weir_operator {
	const char *name, *summary; /* a word; one line */
	const char *example;        /* in the pipeline language */
	const struct weir_port *inlets, *outlets;
	const struct weir_option *options;
	/* Where the arguments hold a struct weir_window: the inlets then are
	 * boundaries, before which another island ends, which may run on
	 * another worker.  What is asked of them is the window.  0: none. */
	size_t window_at;
	size_t args_bytes;  /* of the arguments, which begin with opts */
	size_t state_bytes; /* the state starts zeroed */
	uint32_t flags;     /* enum weir_operator_flags */
	enum weir_demand demand;
	/* Optional: judge the arguments when the graph is built; opens nothing.
	 * Returns 0 or -EINVAL with a sentence in @text (empty at first);
	 * @ret_key then is the key of the option at fault and @ret_at the byte
	 * in it, or NULL. */
	int (*check)(const void *args, char *text, size_t text_bytes,
		const char **ret_key, size_t *ret_at);
	/* Optional.  Before the first step: 0 or a negative errno, best said
	 * with weir_stage_fail().  All sources of a graph are opened before
	 * any other stage, and sinks last.  close() follows in any case. */
	int (*open)(struct weir_stage *, void *state, const void *args);
	/* An enum weir_wait, or a negative errno, which fails the stage. */
	int (*step)(struct weir_stage *, void *state);
	/* Instead of step, for one inlet and one outlet of the same type, when
	 * nothing can fail: change @n elements in place, move those to keep to
	 * the front, drop the others, return how many are kept.  A run of such
	 * stages is fused: a batch passes all of them in one step. */
	size_t (*edit)(struct weir_stage *, void *state, void *items, size_t n);
	/* Optional.  Once, however the stage ended.  Must not fail. */
	void (*close)(struct weir_stage *, void *state);
	/* Optional, sinks and absorbing operators: bring the results to the
	 * memory the caller named.  Called once on completion, before
	 * close(). */
	void (*finish)(struct weir_stage *, void *state);
};

/* -- inlets ------------------------------------------------------------- */

/** How many inlets the stage has. */
WEIR_API uint32_t weir_stage_inlets(const struct weir_stage *);

/** The oldest elements that wait in @inlet and lie side by side; none: count
 *  is 0.  Valid until they are taken. */
WEIR_API struct weir_span weir_inlet_peek(struct weir_stage *, uint32_t inlet);

/**
 * Take the first @n of the elements peeked.  The stage has moved or dropped
 * what they own.  What slices point to stays valid until the step returns (to
 * keep it longer: weir_bytes_keep()).
 */
WEIR_API void weir_inlet_take(struct weir_stage *, uint32_t inlet, size_t n);

/** Drop (release) the first @n elements peeked, and take them. */
WEIR_API void weir_inlet_drop(struct weir_stage *, uint32_t inlet, size_t n);

/** Whether nothing waits in @inlet and nothing will come any more. */
WEIR_API bool weir_inlet_ended(struct weir_stage *, uint32_t inlet);

/** With WEIR_SEES_FAILURE: how @inlet failed, once it ended; else NULL. */
WEIR_API const struct weir_error *weir_inlet_failure(
	struct weir_stage *, uint32_t inlet);

/** How many elements were taken from @inlet so far. */
WEIR_API uint64_t weir_inlet_taken(struct weir_stage *, uint32_t inlet);

/** From now on ask for no more than @n further elements of @inlet in all. */
WEIR_API void weir_inlet_limit(struct weir_stage *, uint32_t inlet, uint64_t n);

/**
 * With WEIR_DEMAND_OWN: let @n elements be waiting or on their way in @inlet.
 * Demand once given is never taken back: a smaller @n than before lowers what
 * is asked next, not what was asked.
 */
WEIR_API void weir_inlet_request(
	struct weir_stage *, uint32_t inlet, uint64_t n);

/** Cancel @inlet: what waits in it is dropped and nothing more comes. */
WEIR_API void weir_inlet_cancel(struct weir_stage *, uint32_t inlet);

/**
 * Which stream of bytes the elements peeked belong to, a number the source
 * chose: where it changes, one stream ended and another began (the next file
 * of several).  Elements of two origins never lie in one span.
 */
WEIR_API uint32_t weir_inlet_origin(struct weir_stage *, uint32_t inlet);

/** The block that @at, in an element of this step, points into; NULL: none.
 *  The caller gets no reference of its own. */
WEIR_API struct weir_block *weir_inlet_block(
	struct weir_stage *, uint32_t inlet, const void *at);

/** Whether the bytes of the elements peeked are seen by others too. */
WEIR_API bool weir_inlet_shared(struct weir_stage *, uint32_t inlet);

/** The type of the elements of @inlet. */
WEIR_API const struct weir_type *weir_inlet_type(
	const struct weir_stage *, uint32_t inlet);

/* -- outlets ------------------------------------------------------------ */

/** How many outlets the stage has. */
WEIR_API uint32_t weir_stage_outlets(const struct weir_stage *);

/** Places to write elements to: count is the smaller of the demand and of
 *  what lies side by side.  Valid until put, or until the step returns. */
WEIR_API struct weir_span weir_outlet_room(
	struct weir_stage *, uint32_t outlet);

/** The demand of @outlet: how many elements may be put all in all.  Costs
 *  less than weir_outlet_room(). */
WEIR_API uint64_t weir_outlet_demand(struct weir_stage *, uint32_t outlet);

/** How many elements put on @outlet nobody has taken yet. */
WEIR_API uint64_t weir_outlet_waiting(struct weir_stage *, uint32_t outlet);

/** How many bytes of slices put on @outlet nobody has taken yet: what reads
 *  ahead bounds itself by it.  Who returns WEIR_ROOM because of it is stepped
 *  again once all was taken. */
WEIR_API uint64_t weir_outlet_bytes_waiting(
	const struct weir_stage *, uint32_t outlet);

/**
 * Emit the first @n elements written to the room of @outlet, which owns them
 * from now on.  Slices may point into what the inlets' elements of this step
 * point into (the runtime holds on to it), into a block attached below, or
 * into memory that outlives the run.
 */
WEIR_API void weir_outlet_put(struct weir_stage *, uint32_t outlet, size_t n);

/** Let slices put on @outlet, from the next put of this step on, point into
 *  @block: takes a reference for each batch that needs one.  A step may rely
 *  on the eight it attached last. */
WEIR_API void weir_outlet_attach(
	struct weir_stage *, uint32_t outlet, struct weir_block *block);

/** From now on what is put on @outlet belongs to stream @origin. */
WEIR_API void weir_outlet_origin(
	struct weir_stage *, uint32_t outlet, uint32_t origin);

/** Whether downstream cancelled @outlet: it has no room any more.  A stage is
 *  closed by itself when all its outlets are cancelled. */
WEIR_API bool weir_outlet_cancelled(const struct weir_stage *, uint32_t outlet);

/** Why nobody takes what is put on @outlet any more, if that was a failure;
 *  NULL: it was not, or somebody does. */
WEIR_API const struct weir_error *weir_outlet_cause(
	const struct weir_stage *, uint32_t outlet);

/** Complete @outlet behind what was put; others stay open. */
WEIR_API void weir_outlet_complete(struct weir_stage *, uint32_t outlet);

/** The type of the elements of @outlet. */
WEIR_API const struct weir_type *weir_outlet_type(
	const struct weir_stage *, uint32_t outlet);

/* -- one inlet, one outlet ---------------------------------------------- */

/**
 * The elements that wait in inlet 0 and for which outlet 0 has room, to be
 * changed in place.  Both ports have the same type.  What slices point to may
 * not be changed, see weir_stage_edit_bytes().
 */
WEIR_API struct weir_span weir_stage_edit(struct weir_stage *);

/**
 * As weir_stage_edit() for weir_bytes and weir_record, whose bytes may be
 * changed too, each within its own slice: bytes that others can see are copied
 * to a fresh block first.  *ret has count 0 when there is nothing to edit.
 * Returns 0, or as weir_block_acquire().
 */
WEIR_API int weir_stage_edit_bytes(struct weir_stage *, struct weir_span *ret);

/** Take the first @taken elements of the span edited and emit the first @kept
 *  of them, which the stage has moved to the front.  The stage has dropped
 *  what the others own. */
WEIR_API void weir_stage_pass(struct weir_stage *, size_t taken, size_t kept);

/** Send copies of the first @n elements of inlet 0 to every outlet that is not
 *  cancelled, and take them; each has room for them.  The type has a share, or
 *  no drop.  Returns 0, or -ENOMEM, with which the step then fails: outlets
 *  are not left with a copy each. */
WEIR_API int weir_stage_broadcast(struct weir_stage *, size_t n);

/** Move the first @n elements of @inlet to @outlet, which has room for them:
 *  whole batches go by pointer. */
WEIR_API void weir_stage_move(
	struct weir_stage *, uint32_t inlet, uint32_t outlet, size_t n);

/* -- the stage itself --------------------------------------------------- */

/** What a step that can do no more returns: WEIR_DONE when all inlets ended,
 *  WEIR_ROOM when elements wait and there is no room, else WEIR_INPUT. */
WEIR_API int weir_stage_wait(struct weir_stage *);

/**
 * Say why the stage fails; the step (or open) then returns what this returns:
 * @code, a negative errno.  The text is copied.
 */
WEIR_API int weir_stage_fail(struct weir_stage *, int code, const char *format,
	...) WEIR_PRINTF(3, 4);

/** As weir_stage_fail(), about element number @element (from 1). */
WEIR_API int weir_stage_fail_at(struct weir_stage *, int code, uint64_t element,
	const char *format, ...) WEIR_PRINTF(4, 5);

/** Fail as @inlet failed, whose failure the stage was shown: the step then
 *  returns what this returns.  It stays the failure of the stage it began
 *  in. */
WEIR_API int weir_stage_fail_on(struct weir_stage *, uint32_t inlet);

/** Forget what weir_stage_fail() said: the stage goes on, as on_error asks. */
WEIR_API void weir_stage_forgive(struct weir_stage *);

/** The arguments, with the defaults filled in. */
WEIR_API const void *weir_stage_args(const struct weir_stage *);

/** The name in messages, the system it runs on, the graph it is part of: all
 *  live at least as long as the run. */
WEIR_API const char *weir_stage_name(const struct weir_stage *);
WEIR_API struct weir_system *weir_stage_system(const struct weir_stage *);
WEIR_API struct weir_graph *weir_stage_graph(const struct weir_stage *);

/** Elements in a batch: what the graph's options say, 256 by default. */
WEIR_API size_t weir_stage_batch_items(const struct weir_stage *);

/** A waker of this stage, for weir_wake(): any thread may hold one as long as
 *  it likes.  Also from a completion. */
WEIR_API struct weir_waker weir_stage_waker(struct weir_stage *);

/** Step the stage once @at_ns of the system's clock has come.  Replaces the
 *  alarm set before; INT64_MAX: none. */
WEIR_API void weir_stage_alarm(struct weir_stage *, int64_t at_ns);

/** Step the stage once nothing else is ready in its island: the time to let go
 *  of what was gathered to be sent together.  Once a call; a call in an idle
 *  step asks for the next one, after something else was stepped. */
WEIR_API void weir_stage_when_idle(struct weir_stage *);

/** Whether this step is the one that weir_stage_when_idle() asked for. */
WEIR_API bool weir_stage_is_idle(const struct weir_stage *);

/* -- chunks -------------------------------------------------------------- */

/*
 * How several islands work at one stream and its order is kept, as parallel
 * does.  Who splits puts one span after another into the inlets of stages with
 * WEIR_TAKES_CHUNKS, in turn: each span is a chunk, and what such a stage peeks
 * at is one chunk.  It emits that, waits until nothing of it is left in its
 * island, and puts a mark behind what came out; then it takes the next.  Who
 * joins takes from each inlet up to the mark, in the same turn.
 */

/** Step the stage once no other one of its island is ready, in the same turn.
 *  Once a call; a call in such a step asks for the next one, after something
 *  else was stepped. */
WEIR_API void weir_stage_when_quiet(struct weir_stage *);

/** Whether this is the step that weir_stage_when_quiet() asked for, and no
 *  other stage of the island holds anything that it may still emit: what waits
 *  for room, or for an event.  If not, ask for the next such step. */
WEIR_API bool weir_stage_is_quiet(const struct weir_stage *);

/** Put a mark behind all that left the island.  Returns 0 or -ENOMEM. */
WEIR_API int weir_stage_mark(struct weir_stage *);

/** Whether a mark comes next in @inlet, before any element. */
WEIR_API bool weir_inlet_marked(const struct weir_stage *, uint32_t inlet);

/** Take the mark that comes next. */
WEIR_API void weir_inlet_take_mark(struct weir_stage *, uint32_t inlet);

/* -- counts --------------------------------------------------------------- */

/** What became of elements; see WEIR_TALLIES.  For every stage that ended
 *  in + created = out + absorbed + filtered + dropped + dead + cancelled +
 *  unacked. */
enum weir_tally {
	WEIR_IN,
	WEIR_CREATED,
	WEIR_OUT,
	WEIR_ABSORBED,
	WEIR_FILTERED,
	WEIR_DROPPED,
	WEIR_DEAD,
	WEIR_CANCELLED,
	WEIR_UNACKED,
	WEIR_TALLY_COUNT
};

/** Add @n to what the report says; negative @n takes back.  Without
 *  WEIR_TALLIES only what is not in, out or created by itself. */
WEIR_API void weir_stage_tally(struct weir_stage *, enum weir_tally, int64_t n);

/** Bytes this stage moved that no slice on its edges shows (a sink's
 *  output). */
WEIR_API void weir_stage_tally_bytes(
	struct weir_stage *, uint64_t in, uint64_t out);

/**
 * Make @ret own @slice of @length bytes, which lies in an element of an inlet
 * of this step: a reference to its block where that is possible, else a copy.
 * Returns 0, or as weir_block_acquire().  From then on the bytes are shared:
 * no stage changes them in place.
 */
WEIR_API int weir_bytes_keep(struct weir_stage *, const char *slice,
	size_t length, struct weir_kept *ret);

/* -- adding to a graph -------------------------------------------------- */

/** A value that names one open outlet of a graph under construction. */
struct weir_flow {
	struct weir_graph *graph;
	uint32_t stage, outlet;
};

/** The type of what @flow emits; NULL if it could not be built. */
WEIR_API const struct weir_type *weir_flow_type(struct weir_flow flow);

/**
 * Add a source.  @args is the operator's arguments (copied, with the strings
 * its options name; NULL: all default).  Total: an error sticks in the graph
 * and is reported by weir_graph_run().
 */
WEIR_API struct weir_flow weir_source_add(
	struct weir_graph *, const struct weir_operator *, const void *args);

/** Add an operator or a sink to the @n flows @in.  Returns its first outlet
 *  (of no meaning for a sink). */
WEIR_API struct weir_flow weir_operator_add(const struct weir_operator *,
	const struct weir_flow *in, size_t n, const void *args);

/** As weir_operator_add(), for an operator of @outlets outlets, stored in
 *  @ret. */
WEIR_API void weir_fan_out_add(const struct weir_operator *,
	struct weir_flow in, const void *args, struct weir_flow *ret,
	size_t outlets);

WEIR_END

#endif /* WEIR_STREAMS_STAGE_H */
