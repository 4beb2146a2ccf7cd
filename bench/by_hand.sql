-- The measure for batch runs: lianyungang-2021, qidong-2023 and ganyu-draft at 2023-06-30 under the default readings, as
-- a good engineer writes them by hand for DuckDB. In: `platforms`, money in yuan as DECIMAL(18,2), a missing fact as an
-- empty cell. Out: its columns and those of `policyeval batch`.
--
-- Inside, amounts are whole fen (BIGINT), half-up for shares, down for what is "up to". One limit of 1000万元 does for
-- both levels: half of it is the provincial ceiling, and a provincial platform is matched with half. A most that nobody
-- can know is empty, and the least is then 0; a fact that no rule asks for may be missing.
WITH facts AS (
  SELECT
    *,
    CAST(least(upstream_funding, 10000000)::DECIMAL(10,2) * 100::DECIMAL(3,0) AS BIGINT) AS base,
    CAST(least(contract_turnover, 10000000)::DECIMAL(10,2) * 100::DECIMAL(3,0) AS BIGINT) AS turnover
  FROM platforms
),
shares AS (
  SELECT
    *,
    CASE
      WHEN location = 'qidong' OR level IN ('none', 'municipal') THEN 0
      WHEN location IS NULL OR upstream_funding IS NULL THEN NULL
      WHEN level = 'national' THEN base
      WHEN level = 'provincial' THEN (base + 1) // 2
    END AS matching,
    CASE
      WHEN location IN ('donghai', 'guanyun', 'guannan', 'qidong') OR level IN ('none', 'municipal') THEN 0
      WHEN location IS NULL OR upstream_funding IS NULL THEN NULL
      WHEN level = 'national' THEN (base + 1) // 2
      WHEN level = 'provincial' THEN (base + 2) // 4
    END AS city,
    CASE
      WHEN location <> 'ganyu' OR level = 'none' OR performance IS DISTINCT FROM 'excellent' THEN 0
      WHEN location = 'ganyu' AND contract_turnover IS NOT NULL THEN turnover // 10
    END AS subsidy
  FROM facts
)
SELECT
  location, kind, level, upstream_funding, contract_turnover, performance, exceptional,
  coalesce(matching, 0)::DECIMAL(16,0) * 0.01::DECIMAL(2,2) AS support_min,
  (matching + subsidy)::DECIMAL(16,0) * 0.01::DECIMAL(2,2) AS support_max,
  location IS NOT NULL AS unquantified,
  matching + subsidy IS NULL AS undetermined,
  0::DECIMAL(18,2) AS province_min,
  0::DECIMAL(18,2) AS province_max,
  coalesce(city, 0)::DECIMAL(16,0) * 0.01::DECIMAL(2,2) AS city_min,
  city::DECIMAL(16,0) * 0.01::DECIMAL(2,2) AS city_max,
  coalesce(matching - city, 0)::DECIMAL(16,0) * 0.01::DECIMAL(2,2) AS host_min,
  (matching - city + subsidy)::DECIMAL(16,0) * 0.01::DECIMAL(2,2) AS host_max
FROM shares
