-- The measure for totals: what the platforms cost before and after ganyu-draft, by payer, over the same rules as
-- by_hand.sql. The draft leaves all matching as it is (in Ganyu the district fills up what the city leaves, its own
-- half), so that only the performance subsidy comes to it. An amount that nobody can know is in no sum, but counted.
WITH facts AS (
  SELECT
    location, level, performance, upstream_funding, contract_turnover,
    CAST(least(upstream_funding, 10000000)::DECIMAL(10,2) * 100::DECIMAL(3,0) AS BIGINT) AS base,
    CAST(least(contract_turnover, 10000000)::DECIMAL(10,2) * 100::DECIMAL(3,0) AS BIGINT) AS turnover
  FROM platforms
),
shares AS (
  SELECT
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
  count(*) AS platforms,
  count(*) - count(matching) AS undetermined_before,
  count(*) - count(matching + subsidy) AS undetermined_after,
  sum(matching) AS support_min_before,
  sum(matching) AS support_max_before,
  sum(matching) AS support_min_after,
  sum(matching + subsidy) AS support_max_after,
  sum(city) AS city_min_before,
  sum(city) AS city_max_before,
  sum(city) AS city_min_after,
  sum(city) AS city_max_after,
  sum(matching - city) AS host_min_before,
  sum(matching - city) AS host_max_before,
  sum(matching - city) AS host_min_after,
  sum(matching - city + subsidy) AS host_max_after
FROM shares
