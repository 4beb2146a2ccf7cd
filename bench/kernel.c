/* The limit: the rules of by_hand.sql as one loop over columns. Amounts are whole fen, as Arrow holds a DECIMAL(18,2).
 *
 * A text column comes as numbers into a dictionary, and `*_is` says what each word of the dictionary means here. Where a
 * column has empty cells, its `*_there` is Arrow's bitmap, else NULL. A most that nobody can know is absent from
 * `*_known`; the value behind it means nothing. All bitmaps that are written are empty at first.
 */
#include <stddef.h>
#include <stdint.h>

enum { OTHER = 0, MUNICIPAL = 1, PROVINCIAL = 2, NATIONAL = 3 };   /* level_is; OTHER is none */
enum { SHARED = 0, COUNTY = 1, GANYU = 2, ELSEWHERE = 3 };         /* place_is */

static const int64_t CEILING = 100000000 * 10;     /* 1000万元 */

static inline int there(const uint8_t *bits, size_t i) { return !bits || (bits[i >> 3] >> (i & 7) & 1); }
static inline void put(uint8_t *bits, size_t i, int value) { bits[i >> 3] |= (uint8_t)(value << (i & 7)); }

void batch(size_t rows,
           const int32_t *place, const uint8_t *place_there, const uint8_t *place_is,
           const int32_t *level, const uint8_t *level_there, const uint8_t *level_is,
           const int32_t *rated, const uint8_t *rated_there, const uint8_t *rated_excellent,
           const int64_t *upstream, const uint8_t *upstream_there,
           const int64_t *turnover, const uint8_t *turnover_there,
           int64_t *support_min, int64_t *support_max, uint8_t *support_known,
           int64_t *city, uint8_t *city_known,
           int64_t *host_min, int64_t *host_max, uint8_t *host_known,
           uint8_t *unquantified, uint8_t *undetermined)
{
    for (size_t i = 0; i < rows; i++) {
        const int placed = there(place_there, i), levelled = there(level_there, i);
        const int at = placed ? place_is[place[i]] : SHARED, of = levelled ? level_is[level[i]] : NATIONAL;
        const int matched = of >= PROVINCIAL && at != ELSEWHERE, national = of == NATIONAL;
        const int known = !matched || (placed && levelled && there(upstream_there, i));

        const int64_t base = upstream[i] < CEILING ? upstream[i] : CEILING;
        const int64_t whole = matched && known ? (national ? base : (base + 1) >> 1) : 0;
        const int shared = matched && at != COUNTY;
        const int64_t share = shared && known ? (national ? (base + 1) >> 1 : (base + 2) >> 2) : 0;

        const int excellent = there(rated_there, i) && rated_excellent[rated[i]] && of != OTHER;
        const int subsidised = excellent && (at == GANYU || !placed);
        const int told = !subsidised || (placed && levelled && there(turnover_there, i));
        const int64_t most = turnover[i] < CEILING ? turnover[i] : CEILING;
        const int64_t subsidy = subsidised && told ? most / 10 : 0;

        support_min[i] = whole;
        support_max[i] = whole + subsidy;
        city[i] = share;
        host_min[i] = whole - share;
        host_max[i] = whole - share + subsidy;
        put(support_known, i, known && told);
        put(city_known, i, known || !shared);
        put(host_known, i, known && told);
        put(unquantified, i, placed);
        put(undetermined, i, !(known && told));
    }
}
