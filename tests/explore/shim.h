/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shim.h - what else a thread has of its own, included before each source
 *
 * Fibers share one real thread.  Thread-local variables go to a section whose
 * bytes are exchanged when fibers are; mutexes and thread ids are ours.
 */
#ifndef WEIR_TESTS_EXPLORE_SHIM_H
#define WEIR_TESTS_EXPLORE_SHIM_H

#include <pthread.h>

pthread_t explore_thread(void);
int explore_mutex_lock(pthread_mutex_t *mutex);
int explore_mutex_unlock(pthread_mutex_t *mutex);

#define pthread_self() explore_thread()
#define pthread_mutex_lock(mutex) explore_mutex_lock(mutex)
#define pthread_mutex_unlock(mutex) explore_mutex_unlock(mutex)
#define _Thread_local __attribute__((section("explore_local")))

#endif /* WEIR_TESTS_EXPLORE_SHIM_H */
