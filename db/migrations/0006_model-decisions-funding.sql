CREATE TABLE "funding_payments" (
	"coin" text NOT NULL,
	"ts" timestamp (3) with time zone NOT NULL,
	"rate" double precision NOT NULL,
	CONSTRAINT "funding_payments_coin_ts_pk" PRIMARY KEY("coin","ts")
);
--> statement-breakpoint
CREATE TABLE "model_decisions" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"decided_at" timestamp (3) with time zone NOT NULL,
	"candidate" text NOT NULL,
	"serving" text NOT NULL,
	"decision" text NOT NULL,
	"reason" text NOT NULL,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
CREATE INDEX "model_decisions_candidate" ON "model_decisions" USING btree ("candidate","id");