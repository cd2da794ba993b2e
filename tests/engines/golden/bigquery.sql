-- orders by week
SELECT
  DATE_DIFF(
    CAST(DATETIME(`orders`.`ordered_at`, 'Asia/Seoul') AS DATE),
    CAST('1970-01-01' AS DATE),
    DAY
  ) - (
    MOD(
      MOD(
        DATE_DIFF(
          CAST(DATETIME(`orders`.`ordered_at`, 'Asia/Seoul') AS DATE),
          CAST('1970-01-01' AS DATE),
          DAY
        ) - 4,
        7
      ) + 7,
      7
    )
  ) AS period,
  CAST(`orders`.`채널` AS STRING) AS s0,
  COUNT(*) AS m0,
  COUNT(*) AS m0_n,
  SUM(
    CASE
      WHEN `orders`.`paid`
      THEN ROUND(CAST(`orders`.`결제 금액(원)` AS BIGNUMERIC), 6)
    END
  ) AS m1,
  COUNT(CASE WHEN `orders`.`paid` THEN 1 END) AS m1_n,
  SUM(ROUND(CAST(`orders`.`결제 금액(원)` AS BIGNUMERIC), 6)) AS m2,
  COUNT(*) AS m2_n,
  COUNT(`orders`.`결제 금액(원)`) AS m2_d,
  COUNT(
    DISTINCT CASE WHEN `orders`.`채널` IN ('app', 'App') THEN `orders`.`customer_id` END
  ) AS m3,
  COUNT(CASE WHEN `orders`.`채널` IN ('app', 'App') THEN 1 END) AS m3_n
FROM `orders` AS `orders`
WHERE
  `orders`.`ordered_at` >= CAST('2025-10-19 15:00:00.000000+00:00' AS TIMESTAMP)
  AND `orders`.`ordered_at` < CAST('2026-03-15 15:00:00.000000+00:00' AS TIMESTAMP)
GROUP BY
  1,
  2;

-- two facts by month
WITH _part0 AS (
  SELECT
    EXTRACT(YEAR FROM CAST(DATETIME(`orders`.`ordered_at`, 'Asia/Seoul') AS DATE)) * 12 + EXTRACT(MONTH FROM CAST(DATETIME(`orders`.`ordered_at`, 'Asia/Seoul') AS DATE)) - 1 AS period,
    CAST(`orders`.`채널` AS STRING) AS s0,
    COUNT(*) AS m0,
    COUNT(*) AS m0_n
  FROM `orders` AS `orders`
  WHERE
    `orders`.`ordered_at` >= CAST('2025-09-30 15:00:00.000000+00:00' AS TIMESTAMP)
    AND `orders`.`ordered_at` < CAST('2026-03-31 15:00:00.000000+00:00' AS TIMESTAMP)
  GROUP BY
    1,
    2
), _part1 AS (
  SELECT
    EXTRACT(YEAR FROM CAST(DATETIME(`visits`.`visited_at`, 'Asia/Seoul') AS DATE)) * 12 + EXTRACT(MONTH FROM CAST(DATETIME(`visits`.`visited_at`, 'Asia/Seoul') AS DATE)) - 1 AS period,
    CAST(`visits`.`채널` AS STRING) AS s0,
    COUNT(*) AS m1,
    COUNT(*) AS m1_n
  FROM `visits` AS `visits`
  WHERE
    `visits`.`visited_at` >= CAST('2025-09-30 15:00:00.000000+00:00' AS TIMESTAMP)
    AND `visits`.`visited_at` < CAST('2026-03-31 15:00:00.000000+00:00' AS TIMESTAMP)
  GROUP BY
    1,
    2
), _spine AS (
  SELECT
    period,
    s0
  FROM _part0
  UNION DISTINCT
  SELECT
    period,
    s0
  FROM _part1
)
SELECT
  _spine.period,
  _spine.s0,
  _part0.m0,
  _part0.m0_n,
  _part1.m1,
  _part1.m1_n
FROM _spine
LEFT JOIN _part0
  ON (
    COALESCE(CAST(_part0.period AS STRING), '') = COALESCE(CAST(_spine.period AS STRING), '')
    AND (
      _part0.period IS NULL
    ) = (
      _spine.period IS NULL
    )
  )
  AND (
    COALESCE(CAST(_part0.s0 AS STRING), '') = COALESCE(CAST(_spine.s0 AS STRING), '')
    AND (
      _part0.s0 IS NULL
    ) = (
      _spine.s0 IS NULL
    )
  )
LEFT JOIN _part1
  ON (
    COALESCE(CAST(_part1.period AS STRING), '') = COALESCE(CAST(_spine.period AS STRING), '')
    AND (
      _part1.period IS NULL
    ) = (
      _spine.period IS NULL
    )
  )
  AND (
    COALESCE(CAST(_part1.s0 AS STRING), '') = COALESCE(CAST(_spine.s0 AS STRING), '')
    AND (
      _part1.s0 IS NULL
    ) = (
      _spine.s0 IS NULL
    )
  );

-- hours of New York
SELECT
  DATE_DIFF(
    CAST((
      DATETIME(`orders`.`ordered_at`, 'America/New_York')
    ) - INTERVAL 300 MINUTE AS DATE),
    CAST('1970-01-01' AS DATE),
    DAY
  ) * 24 + EXTRACT(HOUR FROM (
    DATETIME(`orders`.`ordered_at`, 'America/New_York')
  ) - INTERVAL 300 MINUTE) AS period,
  COUNT(*) AS m0,
  COUNT(*) AS m0_n
FROM `orders` AS `orders`
WHERE
  `orders`.`ordered_at` >= CAST('2025-10-25 09:00:00.000000+00:00' AS TIMESTAMP)
  AND `orders`.`ordered_at` < CAST('2026-03-15 09:00:00.000000+00:00' AS TIMESTAMP)
GROUP BY
  1;

-- looked up
SELECT
  CAST(`stores`.`city` AS STRING) AS s0,
  COUNT(*) AS m0,
  COUNT(*) AS m0_n,
  COUNT(CASE WHEN `regions`.`name` = '수도권' THEN 1 END) AS m1,
  COUNT(CASE WHEN `regions`.`name` = '수도권' THEN 1 END) AS m1_n
FROM `orders` AS `orders`
LEFT JOIN `stores` AS `stores`
  ON `orders`.`store_id` = `stores`.`store_id`
LEFT JOIN `regions` AS `regions`
  ON `stores`.`region_id` = `regions`.`region_id`
WHERE
  `orders`.`ordered_at` >= CAST('2025-10-24 15:00:00.000000+00:00' AS TIMESTAMP)
  AND `orders`.`ordered_at` < CAST('2026-03-14 15:00:00.000000+00:00' AS TIMESTAMP)
GROUP BY
  1;

-- rest
-- BigQuery cannot compute “"orders"."결제 금액(원)" % NULLIF(7, 0)” exactly. Import the table and compute it here.;

-- conditions
SELECT
  COUNT(CASE WHEN `orders`.`채널` LIKE 'a%' THEN 1 END) AS m0,
  COUNT(CASE WHEN `orders`.`채널` LIKE 'a%' THEN 1 END) AS m0_n,
  COUNT(CASE WHEN `orders`.`채널` LIKE 'a\\\\%' THEN 1 END) AS m1,
  COUNT(CASE WHEN `orders`.`채널` LIKE 'a\\\\%' THEN 1 END) AS m1_n,
  COUNT(CASE WHEN (
    `orders`.`채널` = 'app'
  ) IS TRUE THEN 1 END) AS m2,
  COUNT(CASE WHEN (
    `orders`.`채널` = 'app'
  ) IS TRUE THEN 1 END) AS m2_n,
  COUNT(CASE WHEN (
    `orders`.`채널` = 'app'
  ) IS FALSE THEN 1 END) AS m3,
  COUNT(CASE WHEN (
    `orders`.`채널` = 'app'
  ) IS FALSE THEN 1 END) AS m3_n,
  COUNT(CASE WHEN `orders`.`채널` BETWEEN 'A' AND 'a_b' THEN 1 END) AS m4,
  COUNT(CASE WHEN `orders`.`채널` BETWEEN 'A' AND 'a_b' THEN 1 END) AS m4_n,
  SUM(
    CASE
      WHEN MOD(`orders`.`quantity`, NULLIF(3, 0)) <> 1 AND ABS(`orders`.`quantity`) < 100
      THEN ROUND(
        CAST(`orders`.`quantity` * 2 - 1 + CAST(`orders`.`결제 금액(원)` AS FLOAT64) / NULLIF(`orders`.`quantity`, 0) AS BIGNUMERIC),
        6
      )
    END
  ) AS m5,
  COUNT(
    CASE
      WHEN MOD(`orders`.`quantity`, NULLIF(3, 0)) <> 1 AND ABS(`orders`.`quantity`) < 100
      THEN 1
    END
  ) AS m5_n
FROM `orders` AS `orders`
WHERE
  `orders`.`ordered_at` >= CAST('2025-10-24 15:00:00.000000+00:00' AS TIMESTAMP)
  AND `orders`.`ordered_at` < CAST('2026-03-14 15:00:00.000000+00:00' AS TIMESTAMP);

-- median
-- BigQuery cannot compute “MEDIAN(CAST("orders"."결제 금액(원)" AS DOUBLE))” exactly. Import the table and compute it here.;

-- ilike
-- BigQuery cannot compute “"orders"."채널" ILIKE 'É%'” exactly. Import the table and compute it here.;
