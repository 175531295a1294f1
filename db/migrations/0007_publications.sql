CREATE TABLE "chain_transactions" (
	"chain" text NOT NULL,
	"sender" text NOT NULL,
	"nonce" bigint NOT NULL,
	"publication" text NOT NULL,
	"step" text NOT NULL,
	"request" jsonb NOT NULL,
	"versions" jsonb NOT NULL,
	"state" text NOT NULL,
	"mined_hash" text,
	"block_number" bigint,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "chain_transactions_chain_sender_nonce_pk" PRIMARY KEY("chain","sender","nonce")
);
--> statement-breakpoint
CREATE TABLE "publication_arrivals" (
	"publication" text NOT NULL,
	"chain" text NOT NULL,
	"state" text NOT NULL,
	"guid" text,
	"packet" jsonb,
	"reason" text,
	"arrived_at" timestamp (3) with time zone,
	"block_number" bigint,
	"settled" boolean DEFAULT false NOT NULL,
	"retries" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "publication_arrivals_publication_chain_pk" PRIMARY KEY("publication","chain")
);
--> statement-breakpoint
CREATE TABLE "publications" (
	"id" text PRIMARY KEY NOT NULL,
	"protocol" text NOT NULL,
	"source" text NOT NULL,
	"kind" text NOT NULL,
	"hub" text NOT NULL,
	"market" text NOT NULL,
	"market_address" text NOT NULL,
	"update_type" text NOT NULL,
	"value" numeric(78, 0),
	"computed_value" numeric(78, 0),
	"decision" jsonb,
	"state" text NOT NULL,
	"reason" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"sequence" bigint,
	"fee_wei" numeric(78, 0),
	"transaction_hash" text,
	"block_number" bigint,
	"created_at" timestamp (3) with time zone NOT NULL,
	"published_at" timestamp (3) with time zone,
	"arrived_at" timestamp (3) with time zone,
	"closed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE INDEX "chain_transactions_watched" ON "chain_transactions" USING btree ("chain","sender","nonce") WHERE "chain_transactions"."state" in ('open', 'mined', 'reverted');--> statement-breakpoint
CREATE INDEX "publications_by_protocol" ON "publications" USING btree ("protocol","created_at","id");--> statement-breakpoint
CREATE INDEX "publications_by_line" ON "publications" USING btree ("hub","market_address","update_type","created_at");--> statement-breakpoint
CREATE INDEX "publications_open" ON "publications" USING btree ("hub","created_at") WHERE "publications"."closed_at" is null;