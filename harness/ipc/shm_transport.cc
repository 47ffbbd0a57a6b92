#include "harness/ipc/shm_transport.h"

#include <fcntl.h>
#include <sys/eventfd.h>

#include <cstring>
#include <new>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/shared_region.h"
#include "harness/ipc/futex.h"
#include "harness/ipc/spsc_ring.h"

namespace coresweep {
namespace {

constexpr size_t kPage = 4096;
constexpr int64_t kLongestSleepNs = 100 * kNsPerMs;

constexpr size_t RoundUp(size_t bytes, size_t to) {
  return (bytes + to - 1) / to * to;
}

/// Head of the arena; zeroed memory is a valid start.
struct ArenaHead {
  RingIndices requests;
  RingIndices answers;
  alignas(kSharedLine) std::atomic<uint32_t> closed;  ///< 1: the dispatcher will send no more
};

/// Where things lie. Both sides compute it from the shape they were told; nothing of it is read
/// from shared memory, so a peer cannot make us look elsewhere.
struct ArenaLayout {
  explicit ArenaLayout(const ChannelShape& shape)
      // One slot more than the credit, for the stop message.
      : slots(static_cast<uint32_t>(shape.credit) + 1),
        request_slot(RoundUp(shape.request_bytes, kSharedLine)),
        answer_slot(RoundUp(shape.answer_bytes, kSharedLine)),
        request_headers(RoundUp(sizeof(ArenaHead), kSharedLine)),
        answer_headers(request_headers + slots * kSharedLine),
        requests(RoundUp(answer_headers + slots * kSharedLine, kPage)),
        answers(RoundUp(requests + slots * request_slot, kPage)),
        bytes(RoundUp(answers + slots * answer_slot, kPage)) {}

  uint32_t slots;
  size_t request_slot;
  size_t answer_slot;
  size_t request_headers;
  size_t answer_headers;
  size_t requests;
  size_t answers;
  size_t bytes;
};

/// The arena as one side sees it.
class Arena {
 public:
  Arena(SharedRegion region, const ChannelShape& shape)
      : region_(std::move(region)), layout_(shape) {}

  [[nodiscard]] ArenaHead* head() const { return reinterpret_cast<ArenaHead*>(region_.data()); }
  [[nodiscard]] const ArenaLayout& layout() const { return layout_; }
  [[nodiscard]] int fd() const { return region_.fd(); }
  [[nodiscard]] std::byte* RequestHeader(uint32_t slot) const {
    return region_.data() + layout_.request_headers + slot * kSharedLine;
  }
  [[nodiscard]] std::byte* AnswerHeader(uint32_t slot) const {
    return region_.data() + layout_.answer_headers + slot * kSharedLine;
  }
  [[nodiscard]] std::byte* Request(uint32_t slot) const {
    return region_.data() + layout_.requests + slot * layout_.request_slot;
  }
  [[nodiscard]] std::byte* Answer(uint32_t slot) const {
    return region_.data() + layout_.answers + slot * layout_.answer_slot;
  }

 private:
  SharedRegion region_;
  ArenaLayout layout_;
};

/// A copy of the header in a slot, checked. The copy comes first: the peer could change the
/// original between check and use.
ChunkHeader TakeHeader(const std::byte* from, const ChannelShape& shape, size_t most_bytes) {
  ChunkHeader header;
  std::memcpy(&header, from, sizeof header);
  CheckHeader(header, shape, most_bytes);
  return header;
}

class ShmDispatcherChannel final : public DispatcherChannel {
 public:
  ShmDispatcherChannel(Arena arena, UniqueFd wake, const ChannelShape& shape)
      : shape_(shape),
        arena_(std::move(arena)),
        wake_(std::move(wake)),
        requests_(&arena_.head()->requests, arena_.layout().slots),
        answers_(&arena_.head()->answers, arena_.layout().slots) {}

  ShmDispatcherChannel(const ShmDispatcherChannel&) = delete;
  ShmDispatcherChannel& operator=(const ShmDispatcherChannel&) = delete;
  ~ShmDispatcherChannel() override {
    // In this order, and all four sequentially consistent: a worker that arms after the exchange
    // sees `closed`, one that armed before does not sleep on the word.
    arena_.head()->closed.store(1, std::memory_order_seq_cst);  // pairs with AwaitRequest
    arena_.head()->requests.armed.exchange(0, std::memory_order_seq_cst);
    FutexWakeAll(&arena_.head()->requests.armed);
  }

  bool TrySend(const ChunkHeader& header, std::span<const std::byte> payload) override {
    const auto slot = requests_.TryAcquire();
    if (!slot) return false;
    if (!payload.empty()) std::memcpy(arena_.Request(*slot), payload.data(), payload.size());
    std::memcpy(arena_.RequestHeader(*slot), &header, sizeof header);
    if (requests_.Publish()) FutexWakeAll(&arena_.head()->requests.armed);
    return true;
  }

  std::optional<Incoming> TryReceive() override {
    if (holds_slot_) {
      answers_.Pop();
      holds_slot_ = false;
    }
    const auto slot = answers_.TryFront();
    if (!slot) return std::nullopt;
    if (!answers_.Plausible()) throw Error("malformed ring: more answers than slots");
    const ChunkHeader header = TakeHeader(arena_.AnswerHeader(*slot), shape_, shape_.answer_bytes);
    holds_slot_ = true;
    return Incoming{header, {arena_.Answer(*slot), header.payload_bytes}};
  }

  int receive_fd() const override { return wake_.get(); }
  bool PrepareToSleep(size_t /*answers*/) override { return answers_.Arm(); }
  void Woken() override {
    eventfd_t count = 0;
    eventfd_read(wake_.get(), &count);
  }

 private:
  ChannelShape shape_;
  Arena arena_;
  UniqueFd wake_;
  RingProducer requests_;
  RingConsumer answers_;
  bool holds_slot_ = false;
};

class ShmWorkerChannel final : public WorkerChannel {
 public:
  ShmWorkerChannel(Arena arena, UniqueFd wake, const ChannelShape& shape)
      : shape_(shape),
        arena_(std::move(arena)),
        wake_(std::move(wake)),
        parent_(getppid()),
        requests_(&arena_.head()->requests, arena_.layout().slots),
        answers_(&arena_.head()->answers, arena_.layout().slots) {}

  std::optional<Incoming> Receive() override {
    ReleaseRequest();
    const auto slot = AwaitRequest();
    if (!slot) return std::nullopt;
    if (!requests_.Plausible()) throw Error("malformed ring: more chunks than slots");
    const ChunkHeader header =
        TakeHeader(arena_.RequestHeader(*slot), shape_, shape_.request_bytes);
    holds_request_ = true;
    return Incoming{header, {arena_.Request(*slot), header.payload_bytes}};
  }

  std::span<std::byte> AnswerSpace(size_t bytes) override {
    answer_slot_ = answers_.TryAcquire();
    // The dispatcher takes every answer before it grants new credit, and there is a slot for each.
    if (!answer_slot_ || bytes > shape_.answer_bytes) throw Error("no room for an answer");
    return {arena_.Answer(*answer_slot_), bytes};
  }

  void Send(const ChunkHeader& header) override {
    std::memcpy(arena_.AnswerHeader(answer_slot_.value()), &header, sizeof header);
    ReleaseRequest();
    if (answers_.Publish()) eventfd_write(wake_.get(), 1);
  }

 private:
  void ReleaseRequest() {
    if (holds_request_) requests_.Pop();
    holds_request_ = false;
  }

  /// Spins for the granted time, then arms, looks again and sleeps.
  std::optional<uint32_t> AwaitRequest() {
    const int64_t spin_until_ns = shape_.spin_ns > 0 ? NowNs() + shape_.spin_ns : 0;
    while (true) {
      if (const auto slot = requests_.TryFront()) return slot;
      if (spin_until_ns != 0 && NowNs() < spin_until_ns) {
        SpinPause();
        continue;
      }
      if (!requests_.Arm()) continue;
      if (arena_.head()->closed.load(std::memory_order_seq_cst) != 0) {  // pairs with ~Shm…
        requests_.Disarm();
        return requests_.TryFront();
      }
      FutexWait(requests_.armed(), 1, kLongestSleepNs);
      if (getppid() != parent_) return std::nullopt;
    }
  }

  ChannelShape shape_;
  Arena arena_;
  UniqueFd wake_;
  pid_t parent_;
  RingConsumer requests_;
  RingProducer answers_;
  std::optional<uint32_t> answer_slot_;
  bool holds_request_ = false;
};

}  // namespace

size_t ShmArenaBytes(const ChannelShape& shape) {
  return ArenaLayout(shape).bytes;
}

Connection OpenShm(const ChannelShape& shape) {
  SharedRegion region = SharedRegion::Create("coresweep.arena", ShmArenaBytes(shape));
  new (region.data()) ArenaHead{};
  UniqueFd wake(Check(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd"));
  Connection connection;
  for (const int fd : {region.fd(), wake.get()}) {
    connection.worker_fds.emplace_back(Check(fcntl(fd, F_DUPFD_CLOEXEC, 3), "dup"));
  }
  connection.dispatcher = std::make_unique<ShmDispatcherChannel>(Arena(std::move(region), shape),
                                                                 std::move(wake), shape);
  return connection;
}

std::unique_ptr<WorkerChannel> AttachShm(std::vector<UniqueFd> fds, const ChannelShape& shape) {
  SharedRegion region = SharedRegion::Attach(std::move(fds.at(0)), ShmArenaBytes(shape),
                                             SharedRegion::Access::kReadWrite);
  return std::make_unique<ShmWorkerChannel>(Arena(std::move(region), shape), std::move(fds.at(1)),
                                            shape);
}

}  // namespace coresweep
