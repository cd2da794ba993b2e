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

-- a sequence of three steps
SELECT
  EXTRACT(YEAR FROM CAST(DATETIME(`steps`.`visited_at`, 'Asia/Seoul') AS DATE)) * 12 + EXTRACT(MONTH FROM CAST(DATETIME(`steps`.`visited_at`, 'Asia/Seoul') AS DATE)) - 1 AS period,
  SUM(
    CAST(CASE WHEN `steps`.`converted` THEN 1 WHEN NOT (
      `steps`.`converted`
    ) THEN 0 END AS BIGNUMERIC)
  ) AS m0,
  COUNT(*) AS m0_n,
  COUNT(
    CASE WHEN `steps`.`converted` THEN 1 WHEN NOT (
      `steps`.`converted`
    ) THEN 0 END
  ) AS m0_d,
  SUM(
    CAST(CASE
      WHEN `steps`.`reached` >= 2
      THEN 1
      WHEN NOT (
        `steps`.`reached` >= 2
      )
      THEN 0
    END AS BIGNUMERIC)
  ) AS m1,
  COUNT(*) AS m1_n,
  COUNT(
    CASE
      WHEN `steps`.`reached` >= 2
      THEN 1
      WHEN NOT (
        `steps`.`reached` >= 2
      )
      THEN 0
    END
  ) AS m1_d
FROM (
  WITH _at0 AS (
    SELECT
      `steps`.`visited_at` AS `visited_at`,
      `steps`.`visited_at` AS _t0,
      `steps`.`customer_id` AS _key
    FROM `visits` AS `steps`
    WHERE
      `steps`.`채널` <> 'tv'
      AND `steps`.`visited_at` >= CAST('2025-11-30 15:00:00.000000+00:00' AS TIMESTAMP)
      AND `steps`.`visited_at` < CAST('2026-02-28 15:00:00.000000+00:00' AS TIMESTAMP)
  ), _link0 AS (
    SELECT
      _key,
      _at,
      _next
    FROM (
      SELECT
        _key,
        _at,
        _kind,
        MIN(CASE WHEN _kind = 1 THEN _at END) OVER (
          PARTITION BY _key
          ORDER BY _at, _kind
          ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS _next
      FROM (
        SELECT DISTINCT
          _at0._key AS _key,
          _at0._t0 AS _at,
          0 AS _kind
        FROM _at0
        WHERE
          NOT _at0._t0 IS NULL AND NOT _at0._key IS NULL
        UNION ALL
        SELECT
          `orders`.`customer_id` AS _key,
          `orders`.`ordered_at` AS _at,
          1 AS _kind
        FROM `orders` AS `orders`
        WHERE
          (
            `orders`.`paid`
            AND `orders`.`ordered_at` >= CAST('2025-11-30 15:00:00.000000+00:00' AS TIMESTAMP)
            AND `orders`.`ordered_at` < CAST('2026-03-30 17:00:00.000000+00:00' AS TIMESTAMP)
          )
          AND NOT `orders`.`ordered_at` IS NULL
          AND NOT `orders`.`customer_id` IS NULL
      ) AS _both
    ) AS _seen
    WHERE
      _kind = 0
  ), _at1 AS (
    SELECT
      _at0.`visited_at` AS `visited_at`,
      _at0._key AS _key,
      _at0._t0 AS _t0,
      _link0._next AS _t1
    FROM _at0
    LEFT JOIN _link0
      ON _at0._key = _link0._key AND _at0._t0 = _link0._at
  ), _link1 AS (
    SELECT
      _key,
      _at,
      _next
    FROM (
      SELECT
        _key,
        _at,
        _kind,
        MIN(CASE WHEN _kind = 1 THEN _at END) OVER (
          PARTITION BY _key
          ORDER BY _at, _kind
          ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS _next
      FROM (
        SELECT DISTINCT
          _at1._key AS _key,
          _at1._t1 AS _at,
          0 AS _kind
        FROM _at1
        WHERE
          NOT _at1._t1 IS NULL AND NOT _at1._key IS NULL
        UNION ALL
        SELECT
          `orders`.`customer_id` AS _key,
          `orders`.`ordered_at` AS _at,
          1 AS _kind
        FROM `orders` AS `orders`
        WHERE
          (
            `orders`.`quantity` > 0
            AND `orders`.`ordered_at` >= CAST('2025-11-30 15:00:00.000000+00:00' AS TIMESTAMP)
            AND `orders`.`ordered_at` < CAST('2026-03-30 17:00:00.000000+00:00' AS TIMESTAMP)
          )
          AND NOT `orders`.`ordered_at` IS NULL
          AND NOT `orders`.`customer_id` IS NULL
      ) AS _both
    ) AS _seen
    WHERE
      _kind = 0
  ), _at2 AS (
    SELECT
      _at1.`visited_at` AS `visited_at`,
      _at1._key AS _key,
      _at1._t0 AS _t0,
      _at1._t1 AS _t1,
      _link1._next AS _t2
    FROM _at1
    LEFT JOIN _link1
      ON _at1._key = _link1._key AND _at1._t1 = _link1._at
  )
  SELECT
    _from.`visited_at` AS `visited_at`,
    CASE WHEN _from._t2 < (
      _from._t0 + INTERVAL 720 HOUR
    ) THEN TRUE ELSE FALSE END AS `converted`,
    1 + CASE WHEN _from._t1 < (
      _from._t0 + INTERVAL 720 HOUR
    ) THEN 1 ELSE 0 END + CASE WHEN _from._t2 < (
      _from._t0 + INTERVAL 720 HOUR
    ) THEN 1 ELSE 0 END AS `reached`
  FROM _at2 AS _from
) AS `steps`
WHERE
  `steps`.`visited_at` >= CAST('2025-11-30 15:00:00.000000+00:00' AS TIMESTAMP)
  AND `steps`.`visited_at` < CAST('2026-02-28 15:00:00.000000+00:00' AS TIMESTAMP)
GROUP BY
  1;

-- a sequence within a month
SELECT
  DATE_DIFF(
    CAST((
      DATETIME(`again`.`ordered_at`, 'America/New_York')
    ) - INTERVAL 300 MINUTE AS DATE),
    CAST('1970-01-01' AS DATE),
    DAY
  ) - (
    MOD(
      MOD(
        DATE_DIFF(
          CAST((
            DATETIME(`again`.`ordered_at`, 'America/New_York')
          ) - INTERVAL 300 MINUTE AS DATE),
          CAST('1970-01-01' AS DATE),
          DAY
        ) - 3,
        7
      ) + 7,
      7
    )
  ) AS period,
  SUM(
    CAST(CASE WHEN `again`.`converted` THEN 1 WHEN NOT (
      `again`.`converted`
    ) THEN 0 END AS BIGNUMERIC)
  ) AS m0,
  COUNT(*) AS m0_n,
  COUNT(
    CASE WHEN `again`.`converted` THEN 1 WHEN NOT (
      `again`.`converted`
    ) THEN 0 END
  ) AS m0_d,
  MAX(CAST(`again`.`lag` AS FLOAT64)) AS m1,
  COUNT(*) AS m1_n
FROM (
  WITH _at0 AS (
    SELECT
      `again`.`ordered_at` AS `ordered_at`,
      `again`.`ordered_at` AS _t0,
      `again`.`customer_id` AS _key
    FROM `orders` AS `again`
    WHERE
      `again`.`ordered_at` >= CAST('2025-11-30 10:00:00.000000+00:00' AS TIMESTAMP)
      AND `again`.`ordered_at` < CAST('2026-03-01 10:00:00.000000+00:00' AS TIMESTAMP)
  ), _link0 AS (
    SELECT
      _key,
      _at,
      _next
    FROM (
      SELECT
        _key,
        _at,
        _kind,
        MIN(CASE WHEN _kind = 0 THEN _at END) OVER (
          PARTITION BY _key
          ORDER BY _at, _kind
          ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS _next
      FROM (
        SELECT DISTINCT
          _at0._key AS _key,
          _at0._t0 AS _at,
          1 AS _kind
        FROM _at0
        WHERE
          NOT _at0._t0 IS NULL AND NOT _at0._key IS NULL
        UNION ALL
        SELECT
          `orders`.`customer_id` AS _key,
          `orders`.`ordered_at` AS _at,
          0 AS _kind
        FROM `orders` AS `orders`
        WHERE
          (
            `orders`.`ordered_at` >= CAST('2025-11-30 10:00:00.000000+00:00' AS TIMESTAMP)
            AND `orders`.`ordered_at` < CAST('2026-04-01 12:00:00.000000+00:00' AS TIMESTAMP)
          )
          AND NOT `orders`.`ordered_at` IS NULL
          AND NOT `orders`.`customer_id` IS NULL
      ) AS _both
    ) AS _seen
    WHERE
      _kind = 1
  ), _at1 AS (
    SELECT
      _at0.`ordered_at` AS `ordered_at`,
      _at0._key AS _key,
      _at0._t0 AS _t0,
      _link0._next AS _t1
    FROM _at0
    LEFT JOIN _link0
      ON _at0._key = _link0._key AND _at0._t0 = _link0._at
  )
  SELECT
    _from.`ordered_at` AS `ordered_at`,
    CASE
      WHEN _from._t1 < TIMESTAMP(
        CAST((
          (
            DATETIME(_from._t0, 'America/New_York')
          ) + INTERVAL 1 MONTH
        ) AS DATETIME),
        'America/New_York'
      )
      THEN TRUE
      ELSE FALSE
    END AS `converted`,
    CASE
      WHEN _from._t1 < TIMESTAMP(
        CAST((
          (
            DATETIME(_from._t0, 'America/New_York')
          ) + INTERVAL 1 MONTH
        ) AS DATETIME),
        'America/New_York'
      )
      THEN TIMESTAMP_DIFF(_from._t1, _from._t0, MICROSECOND)
    END AS `lag`
  FROM _at1 AS _from
) AS `again`
WHERE
  `again`.`ordered_at` >= CAST('2025-11-30 10:00:00.000000+00:00' AS TIMESTAMP)
  AND `again`.`ordered_at` < CAST('2026-03-01 10:00:00.000000+00:00' AS TIMESTAMP)
GROUP BY
  1;

-- a cohort
SELECT
  EXTRACT(YEAR FROM CAST(DATETIME(`by_week`.`ordered_at`, 'Asia/Seoul') AS DATE)) * 12 + EXTRACT(MONTH FROM CAST(DATETIME(`by_week`.`ordered_at`, 'Asia/Seoul') AS DATE)) - 1 AS period,
  CAST(`by_week`.`k` AS STRING) AS s0,
  SUM(
    CAST(CASE WHEN `by_week`.`active` THEN 1 WHEN NOT (
      `by_week`.`active`
    ) THEN 0 END AS BIGNUMERIC)
  ) AS m0,
  COUNT(*) AS m0_n,
  COUNT(CASE WHEN `by_week`.`active` THEN 1 WHEN NOT (
    `by_week`.`active`
  ) THEN 0 END) AS m0_d,
  COUNT(CASE WHEN NOT `by_week`.`matured` THEN 1 END) AS m0_u,
  SUM(ROUND(CAST(`by_week`.`value` AS BIGNUMERIC), 6)) AS m1,
  COUNT(*) AS m1_n,
  COUNT(CASE WHEN NOT `by_week`.`matured` THEN 1 END) AS m1_u
FROM (
  SELECT
    _births.`ordered_at` AS `ordered_at`,
    _ks.k AS `k`,
    CASE WHEN NOT _active._count IS NULL THEN TRUE ELSE FALSE END AS `active`,
    COALESCE(_active._value, 0) AS `value`,
    (
      _births._born + (
        _ks.k * 7
      )
    ) < 20563 AS `matured`
  FROM (
    SELECT
      `by_week`.`ordered_at` AS `ordered_at`,
      `by_week`.`customer_id` AS _key,
      DATE_DIFF(
        CAST(DATETIME(`by_week`.`ordered_at`, 'Asia/Seoul') AS DATE),
        CAST('1970-01-01' AS DATE),
        DAY
      ) - (
        MOD(
          MOD(
            DATE_DIFF(
              CAST(DATETIME(`by_week`.`ordered_at`, 'Asia/Seoul') AS DATE),
              CAST('1970-01-01' AS DATE),
              DAY
            ) - 4,
            7
          ) + 7,
          7
        )
      ) AS _born,
      ROW_NUMBER() OVER (
        PARTITION BY `by_week`.`customer_id`
        ORDER BY `by_week`.`ordered_at`, `by_week`.`order_id`
      ) AS _first
    FROM `orders` AS `by_week`
    WHERE
      `by_week`.`ordered_at` >= CAST('2025-09-30 15:00:00.000000+00:00' AS TIMESTAMP)
      AND NOT `by_week`.`ordered_at` IS NULL
      AND NOT `by_week`.`customer_id` IS NULL
  ) AS _births
  CROSS JOIN UNNEST([
    STRUCT(0 AS k),
    STRUCT(1 AS k),
    STRUCT(2 AS k),
    STRUCT(3 AS k),
    STRUCT(4 AS k),
    STRUCT(5 AS k),
    STRUCT(6 AS k),
    STRUCT(7 AS k),
    STRUCT(8 AS k)
  ]) AS _ks
  LEFT JOIN (
    SELECT
      `orders`.`customer_id` AS _key,
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
      ) AS _in,
      SUM(ROUND(CAST(`orders`.`quantity` AS BIGNUMERIC), 6)) AS _value,
      COUNT(*) AS _count
    FROM `orders` AS `orders`
    WHERE
      NOT `orders`.`ordered_at` IS NULL AND NOT `orders`.`customer_id` IS NULL
    GROUP BY
      1,
      2
  ) AS _active
    ON _active._key = _births._key
    AND _active._in = (
      _births._born + (
        _ks.k * 7
      )
    )
  WHERE
    _births._first = 1
) AS `by_week`
WHERE
  `by_week`.`ordered_at` >= CAST('2025-09-30 15:00:00.000000+00:00' AS TIMESTAMP)
  AND `by_week`.`ordered_at` < CAST('2026-03-31 15:00:00.000000+00:00' AS TIMESTAMP)
  AND `by_week`.`k` < 9
GROUP BY
  1,
  2;

-- a union window
WITH _kinds AS (
  SELECT
    s0,
    _low,
    _high,
    GREATEST(_low, COALESCE(_before, _low)) AS _start,
    SUM(
      CASE
        WHEN NOT _value IS NULL AND GREATEST(_low, COALESCE(_before, _low)) < _high
        THEN 1
        ELSE 0
      END
    ) AS _new,
    COUNT(*) AS _rows
  FROM (
    SELECT
      _placed.s0,
      _placed._value,
      _placed._low,
      _placed._high,
      MAX(_placed._high) OVER (
        PARTITION BY _placed.s0, _placed._value
        ORDER BY _placed._day
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ) AS _before
    FROM (
      SELECT
        _seen.s0,
        _seen._value,
        _seen._day,
        GREATEST(_seen._day - 20456, 0) AS _low,
        CASE WHEN _seen._day >= 20431 THEN 3 ELSE _seen._day - 20428 END AS _high
      FROM (
        SELECT
          DATE_DIFF(
            CAST(DATETIME(`orders`.`ordered_at`, 'Asia/Seoul') AS DATE),
            CAST('1970-01-01' AS DATE),
            DAY
          ) AS _day,
          CAST(`orders`.`채널` AS STRING) AS s0,
          `orders`.`customer_id` AS _value
        FROM `orders` AS `orders`
        WHERE
          `orders`.`ordered_at` >= CAST('2025-12-06 15:00:00.000000+00:00' AS TIMESTAMP)
          AND `orders`.`ordered_at` < CAST('2026-01-05 15:00:00.000000+00:00' AS TIMESTAMP)
      ) AS _seen
      WHERE
        _seen._day >= 20429 AND _seen._day < 20459
    ) AS _placed
  ) AS _reached
  GROUP BY
    1,
    2,
    3,
    4
)
SELECT
  _place AS period,
  s0,
  SUM(_step) AS m0,
  SUM(_count) AS m0_n
FROM (
  SELECT
    s0,
    _start AS _place,
    _new AS _step,
    0 AS _count
  FROM _kinds
  UNION ALL
  SELECT
    s0,
    _high AS _place,
    -_new AS _step,
    0 AS _count
  FROM _kinds
  UNION ALL
  SELECT
    s0,
    _low AS _place,
    0 AS _step,
    _rows AS _count
  FROM _kinds
  UNION ALL
  SELECT
    s0,
    _high AS _place,
    0 AS _step,
    -_rows AS _count
  FROM _kinds
) AS _changes
GROUP BY
  1,
  2;

-- a range join
SELECT
  _each.period AS period,
  SUM(ROUND(CAST(_each.i0 AS BIGNUMERIC), 6)) AS m0,
  COUNT(*) AS m0_n,
  COUNT(_each.i0) AS m0_d
FROM (
  SELECT
    _span.place AS period,
    `orders`.`customer_id` AS _entity,
    SUM(ROUND(CAST(`orders`.`결제 금액(원)` AS BIGNUMERIC), 6)) AS i0
  FROM `orders` AS `orders`
  JOIN UNNEST([
    STRUCT(0 AS place, 20429 AS begins, 20457 AS ends),
    STRUCT(1 AS place, 20430 AS begins, 20458 AS ends),
    STRUCT(2 AS place, 20431 AS begins, 20459 AS ends)
  ]) AS _span
    ON DATE_DIFF(
      CAST(DATETIME(`orders`.`ordered_at`, 'Asia/Seoul') AS DATE),
      CAST('1970-01-01' AS DATE),
      DAY
    ) >= _span.begins
    AND DATE_DIFF(
      CAST(DATETIME(`orders`.`ordered_at`, 'Asia/Seoul') AS DATE),
      CAST('1970-01-01' AS DATE),
      DAY
    ) < _span.ends
  WHERE
    (
      `orders`.`ordered_at` >= CAST('2025-12-06 15:00:00.000000+00:00' AS TIMESTAMP)
      AND `orders`.`ordered_at` < CAST('2026-01-05 15:00:00.000000+00:00' AS TIMESTAMP)
    )
    AND NOT `orders`.`customer_id` IS NULL
  GROUP BY
    1,
    2
) AS _each
GROUP BY
  1;

-- per entity
WITH _part0 AS (
  SELECT
    _each.period AS period,
    SUM(ROUND(CAST(_each.i0 AS BIGNUMERIC), 6)) AS m0,
    COUNT(*) AS m0_n,
    COUNT(_each.i0) AS m0_d
  FROM (
    SELECT
      EXTRACT(YEAR FROM CAST(DATETIME(`orders`.`ordered_at`, 'Asia/Seoul') AS DATE)) * 12 + EXTRACT(MONTH FROM CAST(DATETIME(`orders`.`ordered_at`, 'Asia/Seoul') AS DATE)) - 1 AS period,
      `orders`.`customer_id` AS _entity,
      CAST(SUM(ROUND(CAST(`orders`.`결제 금액(원)` AS BIGNUMERIC), 6)) AS FLOAT64) / NULLIF(COUNT(`orders`.`결제 금액(원)`), 0) AS i0
    FROM `orders` AS `orders`
    WHERE
      (
        `orders`.`ordered_at` >= CAST('2025-11-30 15:00:00.000000+00:00' AS TIMESTAMP)
        AND `orders`.`ordered_at` < CAST('2026-02-28 15:00:00.000000+00:00' AS TIMESTAMP)
      )
      AND NOT `orders`.`customer_id` IS NULL
    GROUP BY
      1,
      2
  ) AS _each
  GROUP BY
    1
), _part1 AS (
  SELECT
    _each.period AS period,
    SUM(
      CAST(CASE WHEN _each.i0 >= 2 THEN 1 WHEN NOT (
        _each.i0 >= 2
      ) THEN 0 END AS BIGNUMERIC)
    ) AS m1,
    COUNT(*) AS m1_n,
    COUNT(CASE WHEN _each.i0 >= 2 THEN 1 WHEN NOT (
      _each.i0 >= 2
    ) THEN 0 END) AS m1_d
  FROM (
    SELECT
      EXTRACT(YEAR FROM CAST(DATETIME(`orders`.`ordered_at`, 'Asia/Seoul') AS DATE)) * 12 + EXTRACT(MONTH FROM CAST(DATETIME(`orders`.`ordered_at`, 'Asia/Seoul') AS DATE)) - 1 AS period,
      `orders`.`customer_id` AS _entity,
      COUNT(*) AS i0
    FROM `orders` AS `orders`
    WHERE
      (
        `orders`.`ordered_at` >= CAST('2025-11-30 15:00:00.000000+00:00' AS TIMESTAMP)
        AND `orders`.`ordered_at` < CAST('2026-02-28 15:00:00.000000+00:00' AS TIMESTAMP)
      )
      AND NOT `orders`.`customer_id` IS NULL
    GROUP BY
      1,
      2
  ) AS _each
  GROUP BY
    1
), _spine AS (
  SELECT
    period
  FROM _part0
  UNION DISTINCT
  SELECT
    period
  FROM _part1
)
SELECT
  _spine.period,
  _part0.m0,
  _part0.m0_n,
  _part0.m0_d,
  _part1.m1,
  _part1.m1_n,
  _part1.m1_d
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
LEFT JOIN _part1
  ON (
    COALESCE(CAST(_part1.period AS STRING), '') = COALESCE(CAST(_spine.period AS STRING), '')
    AND (
      _part1.period IS NULL
    ) = (
      _spine.period IS NULL
    )
  );
