// Signals as events of a loop, rather than interruptions.
#pragma once

#include <signal.h>

#include <chrono>

namespace lydia::atlas {

// SIGCHLD, SIGINT and SIGTERM are waited for, not delivered, while one of these lives.
class SignalScope {
 public:
  SignalScope() {
    sigemptyset(&set_);
    for (const int s : {SIGCHLD, SIGINT, SIGTERM}) sigaddset(&set_, s);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~SignalScope() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalScope(const SignalScope&) = delete;
  SignalScope& operator=(const SignalScope&) = delete;

  // The next signal, 0 when none came in time.
  int wait(std::chrono::milliseconds time) const {
    const timespec limit{time.count() / 1000, (time.count() % 1000) * 1'000'000};
    const int got = sigtimedwait(&set_, nullptr, &limit);
    return got > 0 ? got : 0;
  }

 private:
  sigset_t set_, before_;
};

}  // namespace lydia::atlas
